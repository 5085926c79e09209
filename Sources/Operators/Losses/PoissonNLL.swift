import Tensors

/// The negative log-likelihood of counts of which the model predicts the rate or its logarithm.
///
/// PyTorch's definition; with `log_input` false and eps 1e-7 it is Keras'.
struct PoissonNLL: ElementwiseLoss {
  static let info = LossInfo(
    kind: "poisson-nll", summary: "Negative log-likelihood of a Poisson distribution.",
    formula: "e^p − t p, or p − t log(p + eps); full: + t log t − t + log(2π t) / 2 for t > 1",
    settings: [
      AttributeInfo("log_input", default: "true", "whether p is the logarithm of the rate"),
      AttributeInfo(
        "full", default: "false", "whether Stirling's approximation of log t! is added"),
      AttributeInfo(
        "eps", default: "1e-8", "kept off the logarithm's zero without log_input (Keras: 1e-7)"),
    ], head: .values, targets: .counts,
    samples: [
      LossSample([4, 3], [4, 3], targets: 0...5),
      LossSample([3, 19], [3, 19], levels: [0, 1, 2, 7], settings: ["full": .int(1)]),
      LossSample([5, 1], [5], targets: 0...5),
      LossSample(
        [4, 3], [4, 3], range: 0.4...3, targets: 0...5,
        settings: ["log_input": .int(0), "eps": .float(1e-7)]),
    ])

  let logInput: Bool
  let full: Bool
  let eps: Float

  init(_ settings: Attributes) throws(OperatorError) {
    logInput = try settings.flag("log_input", default: true)
    full = try settings.flag("full", default: false)
    let eps = try settings.float("eps", default: 1e-8)
    guard eps >= 0 else { throw .attribute("eps", found: "\(eps)", expected: "0 or more") }
    self.eps = Float(eps)
  }

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let term = logInput ? exp(p) - t * p : p - t * log(p + eps)
    guard full else { return term }
    let stirling = t * log(t) - t + 0.5 * log(2 * Float.pi * t)
    return term + Vector.zero.replacing(with: stirling, where: t .> 1)
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector {
    logInput ? exp(p) - t : 1 - t / (p + eps)
  }
}
