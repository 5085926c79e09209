import Tensors

/// The margin by which a score fails to lie on the target's side.
///
/// Keras' hinge and squared hinge, scikit-learn's hinge, squared hinge and, with a margin of 0,
/// perceptron.
struct Hinge: ElementwiseLoss {
  static let info = LossInfo(
    kind: "hinge", summary: "Margin of a score to the target's side.",
    formula: "max(0, margin − t p), or its square",
    settings: [
      AttributeInfo("squared", default: "false", "whether the term is squared"),
      AttributeInfo("margin", default: "1", "from where on a score is good enough"),
      AttributeInfo(
        "binary", default: "false", "whether targets are 0 and 1, and 0 stands for −1"),
    ], head: .logits, targets: .signs,
    samples: [
      LossSample([4, 3], [4, 3], levels: [-1, 1], kinks: [0]),
      LossSample([3, 19], [3, 19], levels: [-1, 1], settings: ["squared": .int(1)], kinks: [0]),
      LossSample(
        [5, 7], [5, 7], levels: [0, 1],
        settings: ["binary": .int(1), "margin": .int(0), "squared": .int(1)], kinks: [-1, 0]),
      LossSample([5, 1], [5], levels: [-1, 1], kinks: [0, 2, -2]),
    ])

  let squared: Bool
  let margin: Float
  let binary: Bool

  init(_ settings: Attributes) throws(OperatorError) {
    squared = try settings.flag("squared", default: false)
    margin = Float(try settings.float("margin", default: 1))
    binary = try settings.flag("binary", default: false)
  }

  @inline(__always) private func side(_ t: Vector) -> Vector { binary ? 2 * t - 1 : t }

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let gap = margin - side(t) * p
    let missed = gap.replacing(with: 0, where: gap .< 0)
    return squared ? missed * missed : missed
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector {
    let side = side(t)
    let gap = margin - side * p
    let slope = squared ? -2 * side * gap : -side
    return slope.replacing(with: 0, where: gap .<= 0)
  }
}
