import Tensors

/// The input itself, through which no gradient goes back: what frameworks detach.
struct StopGradient: Operator, Kernel {
  static let info = OperatorInfo(
    name: "StopGradient", summary: "The input itself; no gradient goes back. Not part of ONNX.",
    formula: "y = x", inputs: 1...1,
    facts: [
      .affine, .passesValues, .keepsOrder, .passesIds, .stopsGradients, .forgetsInputs,
      .forgetsOutputs,
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

  func backward(_ node: Backward) { node.inputGradients.optional(0)?.fill(0) }
}
