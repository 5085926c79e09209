import Tensors

/// The sum of two operands.
struct Add: FoldableCombine {
  static let info = OperatorInfo(
    name: "Add", summary: "Sum; the operands broadcast.", formula: "y = a + b", inputs: 2...2,
    facts: [.affine, .adds], accumulates: true, samples: combineSamples)

  static let role = ParameterRole.Kind.bias

  init(_ attributes: Attributes) {}

  func exact(_ a: Double, _ b: Double) -> Double { a + b }

  func forward(_ node: Forward) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    combine(a, b, into: node.outputs[0]) { $0 + $1 }
  }

  func backward(_ node: Backward) {
    let dy = node.outputGradients[0]
    for (dx, beta) in zip(node.inputGradients, node.betas) {
      if let dx { reduceToShape(dy, into: dx, adding: beta == 1) }
    }
  }
}
