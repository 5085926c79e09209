import Tensors

/// The input between two bounds: Relu6 is 0 to 6. The bounds are inputs since opset 11 and
/// attributes before; either way they are known before any data. At a bound itself the slope is 0,
/// as in PyTorch's relu6 and hardtanh (its clamp takes 1).
struct Clip: Operator {
  static let info = OperatorInfo(
    name: "Clip", summary: "Input between two bounds.", formula: "y = min(max(x, min), max)",
    inputs: 1...3,
    attributes: [
      AttributeInfo("min", default: "none", "the lower bound, where no input gives it"),
      AttributeInfo("max", default: "none", "the upper bound, where no input gives it"),
    ], activation: Activation(range: Activation.reals),
    facts: [.clipsValues, .forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]),
      GradientSample(
        [[3, 5]], attributes: ["min": .int(-1), "max": .float(0.5)], kinks: [-1, 0.5]),
      GradientSample([[2, 17], []], kinks: [0], constants: [1: [0]]),
      GradientSample([[2, 17], nil, []], kinks: [1], constants: [2: [1]]),
      GradientSample(
        [[2, 17], [], [1]], range: -9...9, kinks: [0, 6], constants: [1: [0], 2: [6]]),
      GradientSample([[0, 4]]),
    ])

  let min: Double?
  let max: Double?

  init(_ attributes: Attributes) throws(OperatorError) {
    min = attributes.has("min") ? try attributes.float("min", default: 0) : nil
    max = attributes.has("max") ? try attributes.float("max", default: 0) : nil
    for (name, bound) in [("min", min), ("max", max)] where bound?.isNaN == true {
      throw .attribute(name, found: "NaN", expected: "a number")
    }
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    _ = try bounds(inputs)
    return [try inputs.required(0).shape]
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    let (low, high) = try bounds(inputs)
    return ClipKernel(low: Float(low), high: Float(high))
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    inputs.optional(0)?.batched ?? false
  }

  func activation(_ inputs: [Operand?]) -> Activation? {
    guard let (low, high) = try? bounds(inputs) else { return nil }
    guard low < high else { return Activation(flatBelow: .infinity, range: high...high) }
    return Activation(
      flatBelow: low.isFinite ? low : nil, flatAbove: high.isFinite ? high : nil,
      range: low...high, rectifier: low.isFinite && high == .infinity)
  }

  /// Those of the attributes alone.
  var activation: Activation? { activation([]) }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let x = inputs.optional(0)?.constant, let (low, high) = try? bounds(inputs) else {
      return nil
    }
    return x.map { Swift.min(Swift.max($0, low), high) }
  }

  private func bounds(
    _ inputs: [Operand?]
  ) throws(OperatorError) -> (low: Double, high: Double) {
    (
      try bound(inputs.optional(1), "min") ?? min ?? -.infinity,
      try bound(inputs.optional(2), "max") ?? max ?? .infinity
    )
  }

  private func bound(_ input: Operand?, _ name: String) throws(OperatorError) -> Double? {
    guard let input else { return nil }
    guard input.shape.count == 1 else {
      throw .shapes(found: "a \(name) of \(input.shape)", expected: "a scalar")
    }
    guard let value = input.constant?.first else { throw .notConstant("the \(name) of a Clip") }
    guard !value.isNaN else { throw .shapes(found: "a \(name) of NaN", expected: "a number") }
    return value
  }
}

/// A Clip whose bounds are known.
private struct ClipKernel: Kernel {
  let low: Float
  let high: Float

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    map(x, into: node.outputs[0]) {
      let raised = $0.replacing(with: low, where: $0 .< low)
      return raised.replacing(with: high, where: raised .> high)
    }
  }

  func backward(_ node: Backward) {
    // The gradient of a bound may lie in the memory of dy.
    defer { for bound in node.inputGradients.dropFirst() { bound?.fill(0) } }
    guard let x = node.inputs.optional(0), let dx = node.inputGradients.optional(0) else { return }
    zip(x, node.outputGradients[0], into: dx) { x, dy in
      dy.replacing(with: 0, where: (x .<= low) .| (x .>= high))
    }
  }
}
