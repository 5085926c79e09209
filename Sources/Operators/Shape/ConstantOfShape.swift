import Tensors

/// One value everywhere in a shape that must be known before any data.
struct ConstantOfShape: Operator {
  static let info = OperatorInfo(
    name: "ConstantOfShape", summary: "One value everywhere in a shape.", formula: "y = value",
    inputs: 1...1,
    attributes: [AttributeInfo("value", default: "0", "the value, one number")],
    samples: [
      GradientSample([[2]], constants: [0: [2, 3]]),
      GradientSample([[1]], attributes: ["value": .floats([0.5])], constants: [0: [4]]),
      GradientSample([[0]], attributes: ["value": .int(1)], constants: [0: []]),
      GradientSample([[2]], constants: [0: [0, 3]]),
    ])

  let value: Double

  init(_ attributes: Attributes) throws(OperatorError) {
    let values = try attributes.floats("value") ?? [0]
    guard values.count == 1, let value = values.first else {
      throw .attribute("value", found: "\(values)", expected: "one number")
    }
    self.value = value
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    guard let dims = try inputs.required(0).integers else {
      throw .notConstant("the shape of a ConstantOfShape")
    }
    return [try Shape.of(dims)]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    ConstantOfShapeKernel(value: Float(value))
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool { false }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let y = try? outputShapes(inputs).first, y.count <= constantLimit else { return nil }
    return [Double](repeating: value, count: y.count)
  }
}

struct ConstantOfShapeKernel: Kernel {
  let value: Float

  func forward(_ node: Forward) { node.outputs[0].fill(value) }

  func backward(_ node: Backward) { node.inputGradients.optional(0)?.fill(0) }
}
