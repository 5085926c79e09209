import Tensors

/// Dropout, replayed without dropping. The mask of the training step is lost, and frameworks scale
/// what they keep by 1 / (1 − ratio): the expectation over all masks is the input itself. `ratio`,
/// `training_mode` and `seed` are accepted and change nothing; the optional mask is not an output.
struct Dropout: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Dropout", summary: "Dropout, replayed as its expectation: nothing is dropped.",
    formula: "y = x", inputs: 1...3,
    attributes: [AttributeInfo("seed", default: "none", "of the random numbers; not used")],
    facts: [
      .affine, .passesValues, .keepsOrder, .drops, .forgetsInputs, .forgetsOutputs, .worksInPlace,
    ],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[0, 4]]),
      GradientSample(
        [[3, 5], [], []], attributes: ["seed": .int(7)], constants: [1: [0.5], 2: [1]]),
    ])

  init(_ attributes: Attributes) throws(OperatorError) {
    _ = try attributes.int("seed", default: 0)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try inputs.required(0).shape]
  }

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { node.outputs[0].copy(x) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(0)?.copy(node.outputGradients[0])
    for gradient in node.inputGradients.dropFirst() { gradient?.fill(0) }
  }
}
