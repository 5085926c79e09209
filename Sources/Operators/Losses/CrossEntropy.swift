import Tensors

/// Cross-entropy of a softmax over axis 1 of the logits, with class indices or with one probability
/// a class as targets; PyTorch's definition with its class weights, ignored index and smoothing.
struct CrossEntropy: Loss {
  static let info = LossInfo(
    kind: "cross-entropy", summary: "Softmax cross-entropy on logits.",
    formula: "−Σ_c w_c q_c log softmax(p)_c, q the smoothed target",
    settings: [
      AttributeInfo("ignore_index", default: "none", "targets of this class do not count"),
      AttributeInfo("label_smoothing", default: "0", "share of q spread evenly over the classes"),
    ], head: .logits, targets: .classes,
    samples: [
      LossSample([4, 3], [4], classes: 3),
      LossSample([2, 3, 5], [2, 5], classes: 3, classWeights: [0.5, 1, 3]),
      LossSample([4, 3], [4, 3], targets: 0...1),
      LossSample(
        [6, 4], [6], classes: 4,
        settings: ["label_smoothing": .float(0.1), "ignore_index": .int(2)],
        classWeights: [1, 2, 3, 0.5]),
    ])

  let ignoreIndex: Int?
  let smoothing: Double

  init(_ settings: Attributes) throws(OperatorError) {
    ignoreIndex = settings.has("ignore_index") ? try settings.int("ignore_index", default: 0) : nil
    smoothing = try settings.float("label_smoothing", default: 0)
    guard (0...1).contains(smoothing) else {
      throw .attribute("label_smoothing", found: "\(smoothing)", expected: "0 to 1")
    }
  }

  func coupling(prediction: Shape, target: Shape) throws(OperatorError) -> LossCoupling {
    try ClassTargets.coupling(prediction, target, ignoreIndex: ignoreIndex)
  }

  func normalizer(prediction: Shape, target: Tensor, classWeights: Tensor?) -> Double {
    ClassTargets.normalizer(
      prediction, target, classWeights: classWeights, ignoreIndex: ignoreIndex)
  }

  func evaluate(_ step: LossStep) throws(OperatorError) -> Double {
    let layout = ClassTargets(step)
    var total = 0.0
    var q = [Double](repeating: 0, count: layout.classes)
    var s = [Double](repeating: 0, count: layout.classes)
    for position in layout.positions {
      guard
        try layout.weights(
          at: position, into: &q, ignoreIndex: ignoreIndex, smoothing: smoothing)
      else {
        layout.ignore(position)
        continue
      }
      var largest = -Double.infinity
      for c in q.indices { largest = max(largest, layout.prediction(position, c)) }
      var denominator = 0.0
      for c in q.indices {
        s[c] = exponential(layout.prediction(position, c) - largest)
        denominator += s[c]
      }
      let logarithm = largest + logarithm(denominator)
      var mass = 0.0
      for c in q.indices {
        mass += q[c]
        if q[c] != 0 { total += q[c] * (logarithm - layout.prediction(position, c)) }
      }
      for c in q.indices { layout.write(mass * s[c] / denominator - q[c], position, c) }
    }
    return total
  }
}
