import Glibc
import Tensors

/// The cosine of an angle in radians.
struct Cos: Foldable {
  static let info = OperatorInfo(
    name: "Cos", summary: "Cosine.", formula: "y = cos x",
    inputs: 1...1,
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -4...4), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { cos(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { -sin(x) }

  func exact(_ x: Double) -> Double { Glibc.cos(x) }
}
