import Tensors

/// Absolute error beyond a tube around the target; scikit-learn's losses of support vector
/// regression.
struct EpsilonInsensitive: ElementwiseLoss {
  static let info = LossInfo(
    kind: "epsilon-insensitive", summary: "Absolute error beyond a tube.",
    formula: "max(0, |p − t| − ε), or its square",
    settings: [
      AttributeInfo("epsilon", default: "0.1", "half the width of the tube"),
      AttributeInfo("squared", default: "false", "whether the term is squared"),
    ], head: .values, targets: .values,
    samples: [
      LossSample([4, 3], [4, 3], kinks: [-0.1, 0.1]),
      LossSample(
        [3, 19], [3, 19], settings: ["epsilon": .float(0.5), "squared": .int(1)],
        kinks: [-0.5, 0.5]),
      LossSample([5, 1], [5], kinks: [-0.1, 0.1]),
    ])

  let epsilon: Float
  let squared: Bool

  init(_ settings: Attributes) throws(OperatorError) {
    let epsilon = try settings.float("epsilon", default: 0.1)
    guard epsilon >= 0 else {
      throw .attribute("epsilon", found: "\(epsilon)", expected: "0 or more")
    }
    self.epsilon = Float(epsilon)
    squared = try settings.flag("squared", default: false)
  }

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let beyond = (p - t).magnitude - epsilon
    let missed = beyond.replacing(with: 0, where: beyond .< 0)
    return squared ? missed * missed : missed
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector {
    let d = p - t
    let beyond = d.magnitude - epsilon
    let slope = squared ? 2 * beyond * sign(d) : sign(d)
    return slope.replacing(with: 0, where: beyond .<= 0)
  }
}
