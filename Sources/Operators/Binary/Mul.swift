import Tensors

/// The product of two operands, element by element.
struct Mul: FoldableCombine {
  static let info = OperatorInfo(
    name: "Mul", summary: "Product element by element; the operands broadcast.",
    formula: "y = a · b", inputs: 2...2, facts: [.affine, .scales], accumulates: true,
    samples: combineSamples)

  static let role = ParameterRole.Kind.scale

  init(_ attributes: Attributes) {}

  func exact(_ a: Double, _ b: Double) -> Double { a * b }

  func forward(_ node: Forward) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    combine(a, b, into: node.outputs[0]) { $0 * $1 }
  }

  func backward(_ node: Backward) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    let dy = node.outputGradients[0]
    if let da = node.inputGradients.optional(0) {
      reduceToShape(dy, times: b, into: da, adding: node.betas[0] == 1)
    }
    if let db = node.inputGradients.optional(1) {
      reduceToShape(dy, times: a, into: db, adding: node.betas[1] == 1)
    }
  }
}
