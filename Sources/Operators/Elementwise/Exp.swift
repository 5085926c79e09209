import Glibc
import Tensors

/// The exponential function.
struct Exp: Foldable {
  static let info = OperatorInfo(
    name: "Exp", summary: "Exponential function.", formula: "y = e^x",
    inputs: 1...1,
    facts: [.exponentiates, .takesMinusInfinity, .neverNegative, .forgetsInputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -4...4), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { exp(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { y }

  func exact(_ x: Double) -> Double { Glibc.exp(x) }
}
