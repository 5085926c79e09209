import Tensors

/// 1 where a mask is set, 0 elsewhere.
@inline(__always)
func truth(_ mask: VectorMask) -> Vector { Vector.zero.replacing(with: 1, where: mask) }

/// −1, 0 or 1 by the sign of each lane; NaN for NaN.
@inline(__always)
func signs(_ x: Vector) -> Vector {
  let magnitude = x.replacing(with: 1, where: x.magnitude .> 0)
  return magnitude.signed(by: x.replacing(with: 0, where: x .== 0))
}
