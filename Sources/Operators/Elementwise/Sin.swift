import Glibc
import Tensors

/// The sine of an angle in radians.
struct Sin: Foldable {
  static let info = OperatorInfo(
    name: "Sin", summary: "Sine.", formula: "y = sin x",
    inputs: 1...1,
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -4...4), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { sin(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { cos(x) }

  func exact(_ x: Double) -> Double { Glibc.sin(x) }
}
