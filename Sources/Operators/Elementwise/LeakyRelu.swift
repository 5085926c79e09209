import Tensors

/// `x` above 0 and `alpha · x` below, with the lower slope at 0 itself as PyTorch and TensorFlow
/// take it.
struct LeakyRelu: Elementwise {
  static let info = OperatorInfo(
    name: "LeakyRelu", summary: "Rectified linear unit with a slope on the left.",
    formula: "y = x for x > 0, alpha · x otherwise", inputs: 1...1,
    attributes: [AttributeInfo("alpha", default: "0.01", "the slope below 0")],
    activation: Activation(range: Activation.reals),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]], kinks: [0]),
      GradientSample([[2, 17]], attributes: ["alpha": .float(0.3)], kinks: [0]),
      GradientSample([[0, 4]]),
    ])

  let alpha: Float

  init(_ attributes: Attributes) throws(OperatorError) {
    alpha = Float(try attributes.float("alpha", default: 0.01))
  }

  /// With a slope of 0 it is a Relu.
  var activation: Activation? { alpha == 0 ? Relu.info.activation : Self.info.activation }

  @inline(__always) func value(_ x: Vector) -> Vector {
    (x * alpha).replacing(with: x, where: x .> 0)
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    Vector(repeating: alpha).replacing(with: 1, where: x .> 0)
  }
}
