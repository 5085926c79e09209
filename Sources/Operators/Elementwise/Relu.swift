import Tensors

/// `max(0, x)`, with slope 0 at 0 as every framework takes it.
struct Relu: Elementwise {
  static let info = OperatorInfo(
    name: "Relu", summary: "Rectified linear unit.", formula: "y = max(0, x)", inputs: 1...1,
    activation: Activation(flatBelow: 0, range: 0...Double.infinity, rectifier: true),
    facts: [.forgetsInputs, .worksInPlace],
    samples: [GradientSample([[3, 5]], kinks: [0]), GradientSample([[0, 4]])])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .< 0) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    Vector.zero.replacing(with: 1, where: y .> 0)
  }
}
