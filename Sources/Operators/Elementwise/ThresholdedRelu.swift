import Tensors

/// The input above alpha and 0 elsewhere, with slope 0 at alpha itself.
struct ThresholdedRelu: Elementwise {
  static let info = OperatorInfo(
    name: "ThresholdedRelu", summary: "Rectified linear unit that starts at alpha, with a jump.",
    formula: "y = x for x > alpha, 0 otherwise", inputs: 1...1,
    attributes: [AttributeInfo("alpha", default: "1", "inputs up to here give 0")],
    activation: Activation(flatBelow: 1, range: 0...Double.infinity, rectifier: true),
    samples: [
      GradientSample([[3, 5]], kinks: [1]),
      GradientSample([[2, 17]], attributes: ["alpha": .float(-0.5)], kinks: [-0.5]),
      GradientSample([[0, 4]]),
    ])

  let alpha: Float

  init(_ attributes: Attributes) throws(OperatorError) {
    alpha = Float(try attributes.float("alpha", default: 1))
  }

  var activation: Activation? {
    guard !alpha.isNaN else { return nil }
    let threshold = Double(alpha)
    return Activation(
      flatBelow: threshold, range: min(0, threshold)...Double.infinity, rectifier: true)
  }

  @inline(__always) func value(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .<= alpha) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { truth(x .> alpha) }
}
