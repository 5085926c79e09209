import Tensors

/// The logistic function and its slope, of which neither loses digits on either side.
@inline(__always)
func logisticGate(_ x: Vector) -> (value: Vector, slope: Vector) {
  let e = exp(-x.magnitude)
  let right = 1 / (1 + e)
  let left = e * right
  return (right.replacing(with: left, where: x .< 0), left * right)
}
