import Tensors

/// The difference of two operands.
struct Sub: FoldableCombine {
  static let info = OperatorInfo(
    name: "Sub", summary: "Difference; the operands broadcast.", formula: "y = a − b",
    inputs: 2...2, facts: [.affine, .adds], accumulates: true, samples: combineSamples)

  static let role = ParameterRole.Kind.bias

  init(_ attributes: Attributes) {}

  func exact(_ a: Double, _ b: Double) -> Double { a - b }

  func forward(_ node: Forward) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    combine(a, b, into: node.outputs[0]) { $0 - $1 }
  }

  func backward(_ node: Backward) {
    let dy = node.outputGradients[0]
    if let da = node.inputGradients.optional(0) {
      reduceToShape(dy, into: da, adding: node.betas[0] == 1)
    }
    if let db = node.inputGradients.optional(1) {
      reduceToShape(dy, into: db, factor: -1, adding: node.betas[1] == 1)
    }
  }
}
