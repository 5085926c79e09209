import Tensors

/// Cross-entropy of one event with the sigmoid of the model's score, in the form that neither
/// overflows nor cancels.
struct BinaryCrossEntropyWithLogits: ElementwiseLoss {
  static let info = LossInfo(
    kind: "bce-with-logits", summary: "Binary cross-entropy on logits.",
    formula: "max(p, 0) − p t + log(1 + e^−|p|)", head: .logits, targets: .probabilities,
    samples: [
      LossSample([4, 3], [4, 3], targets: 0...1),
      LossSample([3, 17], [3, 17], range: -12...12, targets: 0...1),
    ])

  static let sameShape = true

  init(_ settings: Attributes) {}

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let line = p.replacing(with: 0, where: p .< 0) - p * t
    return line + log1p(exp(-p.magnitude))
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector { sigmoid(p) - t }
}
