import Tensors

/// The opposite.
struct Neg: Foldable {
  static let info = OperatorInfo(
    name: "Neg", summary: "Opposite.", formula: "y = −x",
    inputs: 1...1,
    facts: [.affine, .negates, .forgetsInputs, .forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -4...4), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { -x }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { Vector(repeating: -1) }

  func exact(_ x: Double) -> Double { -x }
}
