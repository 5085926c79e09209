import Tensors

/// A number times its logistic function: SiLU where alpha is 1.
struct Swish: Elementwise {
  /// For alpha 1: where the slope is 5 % of its maximum 1.0998, and the least value (at −1.2785).
  private static let facts = (flat: 3.929_897_316_096_65, least: 0.278_464_542_761_073_8)

  static let info = OperatorInfo(
    name: "Swish", summary: "Input times its logistic function (SiLU).",
    formula: "y = x / (1 + e^(−alpha · x))", inputs: 1...1,
    attributes: [AttributeInfo("alpha", default: "1", "how sharp the bend is")],
    activation: Activation(flatBelow: -facts.flat, range: -facts.least...Double.infinity),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -9...9),
      GradientSample([[2, 17]], attributes: ["alpha": .float(-1.5)], range: -5...5),
      GradientSample([[0, 4]]),
    ])

  let alpha: Float

  init(_ attributes: Attributes) throws(OperatorError) {
    alpha = Float(try attributes.float("alpha", default: 1))
  }

  /// The bend shrinks as alpha grows, and is mirrored through 0 when alpha is negative.
  var activation: Activation? {
    let width = 1 / Double(alpha)
    guard width.isFinite, width != 0 else { return Activation(range: Activation.reals) }
    let (flat, least) = (Self.facts.flat * width, Self.facts.least * width)
    return alpha > 0
      ? Activation(flatBelow: -flat, range: -least...Double.infinity)
      : Activation(flatAbove: -flat, range: -Double.infinity ... -least)
  }

  @inline(__always) func value(_ x: Vector) -> Vector { x * sigmoid(x * alpha) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    let gate = logisticGate(x * alpha)
    return gate.value + x * (gate.slope * alpha)
  }
}
