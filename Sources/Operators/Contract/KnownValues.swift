import Tensors

/// An operator whose output is known before any data: from shapes, from constants, or both.
protocol KnownValues: Operator {
  /// The values of the output, whose shape the shape rule has given.
  func values(_ inputs: [Operand?]) throws(OperatorError) -> [Double]
}

extension KnownValues {
  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    KnownValuesKernel(values: try values(inputs).map { Float($0) })
  }

  /// One value for the whole batch: nothing of a sample is in it.
  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool { false }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { nil }

  func constant(_ inputs: [Operand?]) -> [Double]? { try? values(inputs) }
}

struct KnownValuesKernel: Kernel {
  let values: [Float]

  func forward(_ node: Forward) {
    let y = node.outputs[0]
    for (i, value) in values.prefix(y.count).enumerated() { y.base[i] = value }
  }

  func backward(_ node: Backward) {
    for gradient in node.inputGradients { gradient?.fill(0) }
  }
}
