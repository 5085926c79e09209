import Tensors

/// A Swish of straight lines, after MobileNetV3 (Howard et al., 2019). Its output and its slope are
/// exactly zero up to −3, so that a unit can die like that of a rectifier. The slopes at ±3 are those
/// of PyTorch.
struct HardSwish: Elementwise {
  static let info = OperatorInfo(
    name: "HardSwish", summary: "Swish of straight lines.",
    formula: "y = x · max(0, min(1, x / 6 + 1/2))", inputs: 1...1,
    activation: Activation(flatBelow: -3, range: -0.375...Double.infinity, rectifier: true),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -5...5, kinks: [-3, 3]),
      GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector {
    let gate = x * (1 / 6) + 0.5
    return x * gate.replacing(with: 0, where: x .<= -3).replacing(with: 1, where: x .>= 3)
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    let inside = x * (1 / 3) + 0.5
    return inside.replacing(with: 0, where: x .<= -3).replacing(with: 1, where: x .>= 3)
  }
}
