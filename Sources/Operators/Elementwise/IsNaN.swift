import Tensors

/// 1 for NaN, and 0 for everything else. The gradient is zero.
struct IsNaN: Foldable {
  static let info = OperatorInfo(
    name: "IsNaN", summary: "Finds NaN; its gradient is zero.",
    formula: "y = 1 where x is NaN, 0 otherwise",
    inputs: 1...1,
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -4...4), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { truth(x .!= x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { .zero }

  func exact(_ x: Double) -> Double { x.isNaN ? 1 : 0 }
}
