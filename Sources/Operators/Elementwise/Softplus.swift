import Tensors

/// A smooth rectifier. PyTorch's goes over to x above a threshold of 20, which is the same within
/// 2.1e-9.
struct Softplus: Elementwise {
  static let info = OperatorInfo(
    name: "Softplus", summary: "Smooth rectifier.", formula: "y = log(1 + e^x)", inputs: 1...1,
    // The slope is the logistic function: 5 % at −log 19.
    activation: Activation(flatBelow: -2.944_438_979_166_440_5, range: 0...Double.infinity),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -9...9), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { softplus(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { sigmoid(x) }
}
