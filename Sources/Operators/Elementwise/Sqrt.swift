import Tensors

/// The square root: NaN below 0, and an infinite slope at 0 as in every framework.
struct Sqrt: Foldable {
  static let info = OperatorInfo(
    name: "Sqrt", summary: "Square root.", formula: "y = √x",
    inputs: 1...1,
    facts: [.takesRoot, .steepAtZero, .neverNegative, .keepsSign],
    samples: [
      GradientSample([[3, 5]], range: 0.5...3), GradientSample([[2, 17]], range: 0.3...9),
      GradientSample([[0, 4]], range: 0.5...1),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { x.squareRoot() }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { 0.5 / y }

  func exact(_ x: Double) -> Double { x.squareRoot() }
}
