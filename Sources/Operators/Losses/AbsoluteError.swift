import Tensors

/// Absolute error.
struct AbsoluteError: ElementwiseLoss {
  static let info = LossInfo(
    kind: "l1", summary: "Absolute error.", formula: "|p − t|", head: .values, targets: .values,
    samples: [
      LossSample([4, 3], [4, 3], kinks: [0]), LossSample([5, 1], [5], kinks: [0]),
    ])

  init(_ settings: Attributes) {}

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector { (p - t).magnitude }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector { sign(p - t) }
}

/// −1, 0 or 1; 0 for NaN.
@inline(__always)
func sign(_ x: Vector) -> Vector {
  Vector.zero.replacing(with: 1, where: x .> 0).replacing(with: -1, where: x .< 0)
}
