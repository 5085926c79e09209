import Tensors

/// The self-normalizing exponential unit of Klambauer et al. (2017), with their constants as the
/// defaults, and the left slope at 0 itself as PyTorch takes it.
struct Selu: Elementwise {
  private static let standard = (alpha: 1.673_263_192_176_818_8, gamma: 1.050_701_022_148_132_3)

  static let info = OperatorInfo(
    name: "Selu", summary: "Scaled exponential linear unit.",
    formula: "y = gamma · x for x > 0, gamma · alpha · (e^x − 1) otherwise", inputs: 1...1,
    attributes: [
      AttributeInfo("alpha", default: "1.67326", "minus the limit on the left, over gamma"),
      AttributeInfo("gamma", default: "1.0507", "the slope on the right"),
    ], activation: leftExponential(alpha: standard.alpha, scale: standard.gamma),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]], kinks: [0]),
      GradientSample(
        [[2, 17]], attributes: ["alpha": .float(0.5), "gamma": .float(2)], range: -5...5,
        kinks: [0]),
      GradientSample([[0, 4]]),
    ])

  let alpha: Float
  let gamma: Float

  init(_ attributes: Attributes) throws(OperatorError) {
    alpha = Float(try attributes.float("alpha", default: Self.standard.alpha))
    gamma = Float(try attributes.float("gamma", default: Self.standard.gamma))
  }

  var activation: Activation? { leftExponential(alpha: Double(alpha), scale: Double(gamma)) }

  @inline(__always) func value(_ x: Vector) -> Vector {
    (expm1(x) * (alpha * gamma)).replacing(with: x * gamma, where: x .> 0)
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    (exp(x) * (alpha * gamma)).replacing(with: gamma, where: x .> 0)
  }
}
