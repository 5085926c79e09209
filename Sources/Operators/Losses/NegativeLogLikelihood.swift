import Tensors

/// The negated log-probability of the true class.
struct NegativeLogLikelihood: Loss {
  static let info = LossInfo(
    kind: "nll", summary: "Negative log-likelihood on log-probabilities.", formula: "−w_t p_t",
    settings: [.ignoreIndex], weights: .classWeight, head: .logProbabilities, targets: .classes,
    samples: [
      LossSample([4, 3], [4], range: -3...0, classes: 3),
      .weighted([2, 3, 5], [2, 5], range: -3...0, classes: 3, [0.5, 1, 3]),
      .weighted(
        [6, 4], [6], range: -3...0, classes: 4, settings: ["ignore_index": .int(2)],
        [1, 2, 3, 0.5]),
    ])

  let ignoreIndex: Int?

  init(_ settings: Attributes) throws(OperatorError) {
    ignoreIndex = try settings.ignoreIndex()
  }

  func coupling(prediction: Shape, target: Shape) throws(OperatorError) -> LossCoupling {
    guard prediction != target else {
      throw .shapes(found: "targets of \(target)", expected: "one class index for all its classes")
    }
    return try ClassTargets.coupling(prediction, target)
  }

  func normalizer(prediction: Shape, target: Tensor, weights: Tensor?) -> Double {
    ClassTargets.normalizer(prediction, target, weights: weights, ignoreIndex: ignoreIndex)
  }

  func evaluate(_ step: LossStep) throws(OperatorError) -> Double {
    let layout = try ClassTargets(step, ignoreIndex: ignoreIndex)
    if !step.adding { step.gradient?.fill(0) }
    var total = 0.0
    for position in 0..<layout.positions {
      guard let index = try layout.index(position) else { continue }
      let at = layout.start(position) + index * layout.inner
      let weight = layout.weight(index)
      total -= Double(weight) * Double(step.prediction.base[at])
      step.gradient?.base[at] -= weight * step.scale
    }
    return total
  }
}
