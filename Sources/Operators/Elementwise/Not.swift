import Tensors

/// 1 for 0, and 0 for everything else. The gradient is zero.
struct Not: Foldable {
  static let info = OperatorInfo(
    name: "Not", summary: "Logical negation; its gradient is zero.",
    formula: "y = 1 for x = 0, 0 otherwise",
    inputs: 1...1,
    facts: [.comparesIds],
    samples: [
      GradientSample([[3, 5]], kinks: [0]), GradientSample([[2, 17]], range: -4...4, kinks: [0]),
      GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { truth(x .== 0) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { .zero }

  func exact(_ x: Double) -> Double { x == 0 ? 1 : 0 }
}
