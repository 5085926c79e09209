import Glibc
import Tensors

/// The error function. It has no facts as an activation: graphs that spell a Gelu out put it behind
/// a scaled input, and the Gelu is not flat where this is.
struct Erf: Foldable {
  static let info = OperatorInfo(
    name: "Erf", summary: "Error function.", formula: "y = 2/√π · ∫ e^(−t²) dt from 0 to x",
    inputs: 1...1,
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -4...4), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { erf(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { exp(x * -x) * 1.128_379_17 }

  func exact(_ x: Double) -> Double { Glibc.erf(x) }
}
