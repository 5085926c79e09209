import Tensors

/// Squared error.
struct MeanSquaredError: ElementwiseLoss {
  static let info = LossInfo(
    kind: "mse", summary: "Squared error.", formula: "(p − t)²", head: .values, targets: .values,
    samples: [
      LossSample([4, 3], [4, 3]), LossSample([5, 1], [5]), LossSample([4, 3], [4, 1]),
    ])

  init(_ settings: Attributes) {}

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector { (p - t) * (p - t) }
  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector { 2 * (p - t) }
}
