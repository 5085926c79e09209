import Tensors

/// The logistic function.
struct Sigmoid: Elementwise {
  /// Where y(1 − y) is 5 % of its maximum ¼: at ±2 arcosh √20.
  private static let flat = 4.356_544_420_601_752

  static let info = OperatorInfo(
    name: "Sigmoid", summary: "Logistic function.", formula: "y = 1 / (1 + e^−x)", inputs: 1...1,
    activation: Activation(flatBelow: -flat, flatAbove: flat, range: 0...1),
    facts: [.probability, .forgetsInputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -8...8), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { sigmoid(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { y * (1 - y) }
}
