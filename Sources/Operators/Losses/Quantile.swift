import Tensors

/// Absolute error that weighs too small a prediction by q and too large a one by 1 − q: the least
/// is at the q-quantile of the targets. Also known as pinball loss.
struct Quantile: ElementwiseLoss {
  static let info = LossInfo(
    kind: "quantile", summary: "Absolute error with one weight above and one below.",
    formula: "q d for d = t − p ≥ 0, (q − 1) d otherwise",
    settings: [AttributeInfo("quantile", default: "0.5", "q, between 0 and 1")],
    head: .values, targets: .values,
    samples: [
      LossSample([4, 3], [4, 3], kinks: [0]),
      LossSample([3, 19], [3, 19], settings: ["quantile": .float(0.9)], kinks: [0]),
      LossSample([5, 1], [5], settings: ["quantile": .float(0.1)], kinks: [0]),
    ])

  let q: Float

  init(_ settings: Attributes) throws(OperatorError) {
    let q = try settings.float("quantile", default: 0.5)
    guard (0...1).contains(q) else {
      throw .attribute("quantile", found: "\(q)", expected: "0 to 1")
    }
    self.q = Float(q)
  }

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let d = t - p
    return ((q - 1) * d).replacing(with: q * d, where: d .>= 0)
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector {
    let d = t - p
    return Vector(repeating: 0).replacing(with: -q, where: d .> 0)
      .replacing(with: 1 - q, where: d .< 0)
  }
}
