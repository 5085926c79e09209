import Tensors

/// Cross-entropy of one event with the sigmoid of the model's score, in the form that neither
/// overflows nor cancels.
struct BinaryCrossEntropyWithLogits: TernaryLoss {
  static let info = LossInfo(
    kind: "bce-with-logits", summary: "Binary cross-entropy on logits.",
    formula: "(1 − t) p + (1 + (w − 1) t) log(1 + e^−p), w the weight of the positive event",
    settings: [.eventSmoothing], weights: .positiveWeight, head: .logits, targets: .probabilities,
    samples: [
      LossSample([4, 3], [4, 3], targets: 0...1),
      LossSample([3, 17], [3, 17], range: -12...12, targets: 0...1),
      LossSample(
        [4, 3], [4, 3], targets: 0...1, settings: ["label_smoothing": .float(0.2)],
        weights: LossSample.Operand([3], [0.5, 1, 4])),
      LossSample([5, 1], [5, 1], targets: 0...1, weights: LossSample.Operand([1], [3])),
    ])

  static let sameShape = true

  let smoothing: Float

  init(_ settings: Attributes) throws(OperatorError) {
    smoothing = try settings.eventSmoothing()
  }

  var constants: LossConstants { LossConstants(smoothing: Double(smoothing)) }

  @inline(__always) func value(_ p: Vector, _ t: Vector, _ third: Vector) -> Vector {
    let t = smoothed(t, smoothing)
    // What grows with |p|, and what fades with it: neither cancels the other.
    let line = ((1 - t) * p).replacing(with: -third * t * p, where: p .< 0)
    return line + (1 + (third - 1) * t) * log1p(exp(-p.magnitude))
  }

  @inline(__always)
  func slopes(_ p: Vector, _ t: Vector, _ third: Vector) -> (prediction: Vector, third: Vector) {
    let t = smoothed(t, smoothing)
    // (1 − t) − (1 + (w − 1) t) (1 − sigmoid(p)), which is sigmoid(p) − t for w = 1.
    let slope = sigmoid(p) - t - (third - 1) * (t * sigmoid(-p))
    return (slope, .zero)
  }
}

/// `t (1 − s) + s / 2`: the smoothed target of one event.
@inline(__always) func smoothed(_ t: Vector, _ share: Float) -> Vector {
  share == 0 ? t : t * (1 - share) + 0.5 * share
}

extension AttributeInfo {
  /// The smoothing of targets that are probabilities of one event.
  static let eventSmoothing = AttributeInfo(
    "label_smoothing", default: "0", "share s of targets that is moved to ½: t (1 − s) + s / 2")

  /// The weight of the event against its absence.
  static let positiveWeight = AttributeInfo(
    "pos_weight", default: "none",
    "name of a parameter, not trainable, with the weight w of the positive event, one per column "
      + "or one for all")
}

extension Attributes {
  /// Reads `label_smoothing` of one event.
  func eventSmoothing() throws(OperatorError) -> Float {
    let share = try float("label_smoothing", default: 0)
    guard (0...1).contains(share) else {
      throw .attribute("label_smoothing", found: "\(share)", expected: "0 to 1")
    }
    return Float(share)
  }
}
