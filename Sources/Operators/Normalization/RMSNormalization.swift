import Tensors

/// The last axes divided by their root mean square (Zhang and Sennrich, 2019).
struct RMSNormalization: Operator {
  static let info = OperatorInfo(
    name: "RMSNormalization", summary: "The axes from one on divided by their root mean square.",
    formula: "Y = scale · X / √(mean(X²) + epsilon)", inputs: 2...2,
    attributes: [
      AttributeInfo("axis", default: "-1", "the first of the normalized axes"),
      AttributeInfo("epsilon", default: "1e-5", "added to the mean square"),
      AttributeInfo("stash_type", default: "1", "the type of the statistics; always float32"),
    ],
    facts: [.normalizes, .forgetsOutputs],
    samples: [
      GradientSample([[3, 5], [5]]), GradientSample([[2, 3, 18], [18]]),
      GradientSample(
        [[2, 3, 4], [3, 4]], attributes: ["axis": .int(1), "epsilon": .float(0.1)]),
      GradientSample([[2, 3, 4], []], attributes: ["axis": .int(-2), "stash_type": .int(1)]),
      GradientSample([[0, 4], [4]]), GradientSample([[3, 0], [0]]),
    ])

  let axis: Int
  let epsilon: Double

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: -1)
    epsilon = try attributes.float("epsilon", default: 1e-5)
    _ = try attributes.int("stash_type", default: 1)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    _ = try trailing(inputs, from: axis)
    return [try inputs.required(0).shape]
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    keepsLines(inputs, from: axis)
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] { lineRoles(inputs) }

  func normalizedGroup(_ inputs: [Operand?]) -> NormalizedGroup? {
    (try? trailing(inputs, from: axis)).map {
      NormalizedGroup(values: $0.shape.count, isCentred: false)
    }
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    let (axis, scale) = try trailing(inputs, from: axis)
    let lines = try inputs.required(0).shape.dims[..<axis].reduce(1, *)
    return try LineNormKernel(
      LineNorm(
        lines: lines, length: scale.count, places: 1, period: 1, scale: scale, epsilon: epsilon,
        centered: false))
  }
}
