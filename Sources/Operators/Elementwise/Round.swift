import Tensors

/// The nearest whole number, halves to the even one. The gradient is zero.
struct Round: Foldable {
  static let info = OperatorInfo(
    name: "Round", summary: "Rounds, halves to even; its gradient is zero.", formula: "y = round x",
    inputs: 1...1,
    samples: [GradientSample([[3, 5]], kinks: [-1.5, -0.5, 0.5, 1.5]), GradientSample([[0, 4]])])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { x.nearest }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { .zero }

  func exact(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
}
