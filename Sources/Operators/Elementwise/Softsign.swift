import Tensors

/// The quotient of a number and one more than its magnitude.
struct Softsign: Elementwise {
  /// Where 1 / (1 + |x|)² is 5 % of its maximum 1: at ±(√20 − 1).
  private static let flat = 3.472_135_954_999_579

  static let info = OperatorInfo(
    name: "Softsign", summary: "Bounded by 1, with long tails.", formula: "y = x / (1 + |x|)",
    inputs: 1...1, activation: Activation(flatBelow: -flat, flatAbove: flat, range: -1...1),
    samples: [
      GradientSample([[3, 5]], kinks: [0]), GradientSample([[2, 17]], range: -4...4, kinks: [0]),
      GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { x / (1 + x.magnitude) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    let inverse = 1 / (1 + x.magnitude)
    return inverse * inverse
  }
}
