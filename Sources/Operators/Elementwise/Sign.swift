import Tensors

/// −1, 0 or 1; NaN for NaN. The gradient is zero.
struct Sign: Foldable {
  static let info = OperatorInfo(
    name: "Sign", summary: "Sign; its gradient is zero.", formula: "y = sign x",
    inputs: 1...1,
    samples: [
      GradientSample([[3, 5]], kinks: [0]), GradientSample([[2, 17]], range: -4...4, kinks: [0]),
      GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { signs(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { .zero }

  func exact(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x }
}
