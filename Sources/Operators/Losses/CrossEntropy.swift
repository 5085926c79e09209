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
      LossSample([3, 37], [3], classes: 37),
      LossSample([2, 3, 5], [2, 5], classes: 3, classWeights: [0.5, 1, 3]),
      LossSample([4, 3], [4, 3], targets: 0...1),
      LossSample(
        [2, 3, 5], [2, 3, 5], targets: 0...1, settings: ["label_smoothing": .float(0.2)]),
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
    try ClassTargets.coupling(prediction, target)
  }

  func normalizer(prediction: Shape, target: Tensor, classWeights: Tensor?) -> Double {
    ClassTargets.normalizer(
      prediction, target, classWeights: classWeights, ignoreIndex: ignoreIndex)
  }

  func evaluate(_ step: LossStep) throws(OperatorError) -> Double {
    let layout = try ClassTargets(step, ignoreIndex: ignoreIndex)
    let row = SoftmaxRow(layout.classes)
    for c in 0..<layout.classes {
      row.even[c] = layout.weight(c) * Float(smoothing / Double(layout.classes))
      row.factor[c] = layout.weight(c) * Float(1 - smoothing)
    }
    var total = 0.0
    for position in 0..<layout.positions {
      let start = layout.start(position)
      if !layout.indexed {
        row.aim(at: step.target.base + start, layout.inner)
      } else if let index = try layout.index(position) {
        row.aim(at: index)
      } else {
        ignore(start, layout, step)
        continue
      }
      total += row.evaluate(step, start, layout.inner)
    }
    return total
  }

  private func ignore(_ start: Int, _ layout: ClassTargets, _ step: LossStep) {
    guard let gradient = step.gradient, !step.adding else { return }
    for c in 0..<layout.classes { gradient.base[start + c * layout.inner] = 0 }
  }
}
