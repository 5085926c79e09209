import Tensors

/// Every channel of every sample normalized for itself (Ulyanov et al., 2016).
struct InstanceNormalization: Operator {
  static let info = OperatorInfo(
    name: "InstanceNormalization", summary: "Each channel (axis 1) of a sample normalized.",
    formula: "Y = scale · (X − mean) / √(var + epsilon) + B", inputs: 3...3,
    attributes: [AttributeInfo("epsilon", default: "1e-5", "added to the variance")],
    facts: [.normalizes, .forgetsOutputs],
    samples: [
      GradientSample([[2, 3, 5], [3], [3]]),
      GradientSample([[2, 2, 3, 6], [2], [2]], attributes: ["epsilon": .float(0.1)]),
      GradientSample([[0, 3, 4], [3], [3]]), GradientSample([[2, 3, 0], [3], [3]]),
    ])

  let epsilon: Double

  init(_ attributes: Attributes) throws(OperatorError) {
    epsilon = try attributes.float("epsilon", default: 1e-5)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try channelwise(inputs)]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    output.rank > 1 ? 1 : nil
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    keepsLines(inputs, from: 1)
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] { lineRoles(inputs) }

  func normalizedGroup(_ inputs: [Operand?]) -> NormalizedGroup? {
    (try? channelwise(inputs)).map { NormalizedGroup(values: $0.around(1).inner, isCentred: true) }
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    let x = try channelwise(inputs)
    return try groupedKernel(x, groups: max(1, x[1]), epsilon: epsilon)
  }
}
