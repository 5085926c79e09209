import Tensors

/// The input itself.
struct Identity: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Identity", summary: "The input itself.", formula: "y = x", inputs: 1...1,
    facts: [
      .affine, .passesValues, .keepsOrder, .passesIds, .forgetsInputs, .forgetsOutputs, .reshapes,
    ],
    samples: [GradientSample([[3, 5]]), GradientSample([[0, 4]]), GradientSample([[]])])

  init(_ attributes: Attributes) {}

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try inputs.required(0).shape]
  }

  func constant(_ inputs: [Operand?]) -> [Double]? { inputs.optional(0)?.constant }

  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule { .alike }

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { node.outputs[0].copy(x) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(0)?.copy(node.outputGradients[0])
  }
}
