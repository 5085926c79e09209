import Tensors

/// A number times the share of a normal distribution below it (Hendrycks and Gimpel, 2016), exactly
/// or by their formula with a hyperbolic tangent.
struct Gelu: Elementwise {
  static let info = OperatorInfo(
    name: "Gelu", summary: "Gaussian error linear unit.",
    formula: "y = x · Φ(x); tanh: y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))",
    inputs: 1...1,
    attributes: [AttributeInfo("approximate", default: "none", "tanh: the approximation")],
    // The slope's maximum is 1.1289, at √2; the least value lies at −0.7518.
    activation: Activation(
      flatBelow: -2.278_560_693_805_936, range: -0.169_971_207_479_903_66...Double.infinity),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -6...6),
      GradientSample([[2, 17]], attributes: ["approximate": .string("tanh")], range: -6...6),
      GradientSample([[0, 4]], attributes: ["approximate": .string("none")]),
    ])

  let approximate: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    approximate =
      try attributes.choice("approximate", of: ["none", "tanh"], default: "none") == "tanh"
  }

  var activation: Activation? {
    approximate
      ? Activation(
        flatBelow: -2.285_700_066_266_314_3, range: -0.170_040_750_571_254_07...Double.infinity)
      : Self.info.activation
  }

  @inline(__always) func value(_ x: Vector) -> Vector {
    approximate ? x * geluGate(x).value : x * normalCDF(x)
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    guard approximate else { return normalCDF(x) + x * normalDensity(x) }
    // Far out the gate is flat, and its inner slope must not overflow.
    let z = x.replacing(with: 15, where: x .> 15).replacing(with: -15, where: x .< -15)
    let gate = geluGate(z)
    return gate.value + z * (gate.slope * (z * z * 0.214_064_45 + 1.595_769_1))
  }
}
