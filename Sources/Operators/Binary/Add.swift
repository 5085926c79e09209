import Tensors

/// The sum of two operands.
struct Add: Pairwise, Kernel {
  static let info = OperatorInfo(
    name: "Add", summary: "Sum; the operands broadcast.", formula: "y = a + b", inputs: 2...2,
    facts: [.affine, .adds, .forgetsInputs, .forgetsOutputs, .worksInPlace], accumulates: true,
    samples: pairSamples)

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ a: Vector, _ b: Vector) -> Vector { a + b }

  func exact(_ a: Double, _ b: Double) -> Double { a + b }

  func backward(_ node: Backward) {
    let dy = node.outputGradients[0]
    for (dx, beta) in zip(node.inputGradients, node.betas) {
      if let dx { reduceToShape(dy, into: dx, adding: beta == 1) }
    }
  }
}
