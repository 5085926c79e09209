import Tensors

/// A loss that holds the scores of all classes at a position against a distribution over them: a
/// file gives the term of one position.
protocol ClassLoss: Loss {
  /// Targets of this class do not count.
  var ignoreIndex: Int? { get }
  /// The share of the target that is spread over all classes.
  var smoothing: Double { get }
  /// The term for `row.target`; with a gradient asked for, `scale` times its gradient is written
  /// or added. The gradient may be the prediction's own memory.
  func term(
    _ row: ClassRow, _ prediction: ClassRow.Floats, gradient: ClassRow.Floats?, scale: Float,
    adding: Bool
  ) -> Double
}

extension ClassLoss {
  var constants: LossConstants {
    LossConstants(ignoredClass: ignoreIndex, smoothing: smoothing)
  }

  func coupling(prediction: Shape, target: Shape) throws(OperatorError) -> LossCoupling {
    try ClassTargets.coupling(prediction, target)
  }

  func normalizer(prediction: Shape, target: Tensor, weights: Tensor?) -> Double {
    ClassTargets.normalizer(prediction, target, weights: weights, ignoreIndex: ignoreIndex)
  }

  func evaluate(_ step: LossStep) throws(OperatorError) -> Double {
    let layout = try ClassTargets(step, ignoreIndex: ignoreIndex)
    let row = ClassRow(layout, smoothing: smoothing)
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
      total += row.evaluate(step, start, layout.inner) { prediction, gradient, adding in
        term(row, prediction, gradient: gradient, scale: step.scale, adding: adding)
      }
    }
    return total
  }

  private func ignore(_ start: Int, _ layout: ClassTargets, _ step: LossStep) {
    guard let gradient = step.gradient, !step.adding else { return }
    for c in 0..<layout.classes { gradient.base[start + c * layout.inner] = 0 }
  }

  /// Reads `label_smoothing`.
  static func smoothing(_ settings: Attributes) throws(OperatorError) -> Double {
    let share = try settings.float("label_smoothing", default: 0)
    guard (0...1).contains(share) else {
      throw .attribute("label_smoothing", found: "\(share)", expected: "0 to 1")
    }
    return share
  }
}

extension Attributes {
  /// Reads `ignore_index`.
  func ignoreIndex() throws(OperatorError) -> Int? {
    has("ignore_index") ? try int("ignore_index", default: 0) : nil
  }
}
