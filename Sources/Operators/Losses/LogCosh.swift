import Tensors

/// The logarithm of the hyperbolic cosine of the difference: half its square near 0, its magnitude
/// less log 2 far out.
struct LogCosh: ElementwiseLoss {
  static let info = LossInfo(
    kind: "log-cosh", summary: "Squared error near 0, absolute error far out, smooth.",
    formula: "log cosh(p − t)", head: .values, targets: .values,
    samples: [
      LossSample([4, 3], [4, 3]), LossSample([3, 19], [3, 19], range: -9...9),
      LossSample([5, 1], [5]),
    ])

  init(_ settings: Attributes) {}

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let d = (p - t).magnitude
    let far = d + log1p(exp(-2 * d)) - 0.693_147_18
    // Below ¼ that cancels; the series of log cosh is exact to float32 there.
    let z = d * d
    var near = Vector(repeating: -17 / 2520.0)
    near = near * z + 1 / 45.0
    near = near * z - 1 / 12.0
    near = (near * z + 0.5) * z
    return far.replacing(with: near, where: d .< 0.25)
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector { tanh(p - t) }
}
