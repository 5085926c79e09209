import Tensors

/// One over the input.
struct Reciprocal: Foldable {
  static let info = OperatorInfo(
    name: "Reciprocal", summary: "Reciprocal.", formula: "y = 1 / x",
    inputs: 1...1,
    facts: [.divides],
    samples: [
      GradientSample([[3, 5]], range: 0.8...3), GradientSample([[2, 17]], range: -4 ... -0.8),
      GradientSample([[0, 4]], range: 1...2),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { 1 / x }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { -y * y }

  func exact(_ x: Double) -> Double { 1 / x }
}
