import Tensors

/// The hyperbolic tangent.
struct Tanh: Elementwise {
  /// Where 1 − y² is 5 % of its maximum 1: at ±arcosh √20.
  private static let flat = 2.178_272_210_300_876

  static let info = OperatorInfo(
    name: "Tanh", summary: "Hyperbolic tangent.", formula: "y = tanh x", inputs: 1...1,
    activation: Activation(flatBelow: -flat, flatAbove: flat, range: -1...1),
    facts: [.forgetsInputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -4...4), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { tanh(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { 1 - y * y }
}
