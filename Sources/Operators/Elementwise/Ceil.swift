import Tensors

/// The smallest whole number that is not below. The gradient is zero.
struct Ceil: Foldable {
  static let info = OperatorInfo(
    name: "Ceil", summary: "Rounds up; its gradient is zero.", formula: "y = ⌈x⌉",
    inputs: 1...1,
    samples: [GradientSample([[3, 5]], kinks: [-2, -1, 0, 1, 2]), GradientSample([[0, 4]])])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { x.ceiling }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { .zero }

  func exact(_ x: Double) -> Double { x.rounded(.up) }
}
