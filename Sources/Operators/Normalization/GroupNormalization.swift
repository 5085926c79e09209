import Tensors

/// Groups of channels normalized together, sample by sample (Wu and He, 2018). Scale and bias have
/// one value per channel, as since opset 21.
struct GroupNormalization: Operator {
  static let info = OperatorInfo(
    name: "GroupNormalization", summary: "Groups of channels (axis 1) of a sample normalized.",
    formula: "Y = scale · (X − mean) / √(var + epsilon) + bias", inputs: 3...3,
    attributes: [
      AttributeInfo("num_groups", default: "required", "how many groups; it divides the channels"),
      AttributeInfo("epsilon", default: "1e-5", "added to the variance"),
      AttributeInfo("stash_type", default: "1", "the type of the statistics; always float32"),
    ],
    facts: [.normalizes, .forgetsOutputs],
    samples: [
      GradientSample([[2, 4, 3], [4], [4]], attributes: ["num_groups": .int(2)]),
      GradientSample(
        [[3, 6], [6], [6]], attributes: ["num_groups": .int(2), "epsilon": .float(0.5)]),
      GradientSample(
        [[2, 2, 3, 6], [2], [2]],
        attributes: ["num_groups": .int(1), "epsilon": .float(0.1), "stash_type": .int(1)]),
      GradientSample([[0, 4], [4], [4]], attributes: ["num_groups": .int(2)]),
      GradientSample([[2, 4, 0], [4], [4]], attributes: ["num_groups": .int(2)]),
    ])

  let groups: Int
  let epsilon: Double

  init(_ attributes: Attributes) throws(OperatorError) {
    groups = try attributes.int("num_groups", default: 0)
    guard groups > 0 else {
      throw .attribute(
        "num_groups", found: attributes.has("num_groups") ? "\(groups)" : "missing",
        expected: "a number above 0")
    }
    epsilon = try attributes.float("epsilon", default: 1e-5)
    _ = try attributes.int("stash_type", default: 1)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try channelwise(inputs)
    guard x[1] % groups == 0 else {
      throw .attribute("num_groups", found: "\(groups)", expected: "a divisor of \(x[1]) channels")
    }
    return [x]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    output.rank > 1 ? 1 : nil
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    keepsLines(inputs, from: 1)
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] { lineRoles(inputs) }

  func normalizedGroup(_ inputs: [Operand?]) -> NormalizedGroup? {
    (try? channelwise(inputs)).map {
      NormalizedGroup(values: $0[1] / groups * $0.around(1).inner, isCentred: true)
    }
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    try groupedKernel(try channelwise(inputs), groups: groups, epsilon: epsilon)
  }
}

/// The shape of X, whose axis 1 has as many channels as scale and bias have values.
///
/// - Throws: `OperatorError.shapes` when it has not.
func channelwise(_ inputs: [Operand?]) throws(OperatorError) -> Shape {
  let x = try inputs.required(0).shape
  guard x.rank >= 2 else { throw .shapes(found: "\(x)", expected: "at least two axes") }
  let channels = try Shape.of([x[1]])
  for index in 1...2 {
    let shape = try inputs.required(index).shape
    guard shape == channels else {
      throw .shapes(found: "\(shape) for input \(index)", expected: "\(channels)")
    }
  }
  return x
}

/// The kernel for groups of channels, each of which is one line.
func groupedKernel(
  _ x: Shape, groups: Int, epsilon: Double
) throws(OperatorError) -> LineNormKernel {
  let places = x.around(1).inner
  // Without any channel there is no line.
  let period = min(groups, x[1])
  return try LineNormKernel(
    LineNorm(
      lines: x[0] * period, length: period == 0 ? 0 : x[1] / period * places, places: places,
      period: max(1, period), scale: try Shape.of([x[1]]), epsilon: epsilon, centered: true))
}
