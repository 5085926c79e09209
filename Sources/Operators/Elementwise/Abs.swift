import Tensors

/// The magnitude, with slope 0 at 0 as PyTorch and TensorFlow take it.
struct Abs: Foldable {
  static let info = OperatorInfo(
    name: "Abs", summary: "Magnitude.", formula: "y = |x|",
    inputs: 1...1,
    facts: [.neverNegative],
    samples: [
      GradientSample([[3, 5]], kinks: [0]), GradientSample([[2, 17]], range: -4...4, kinks: [0]),
      GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { x.magnitude }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { signs(x) }

  func exact(_ x: Double) -> Double { x.magnitude }
}
