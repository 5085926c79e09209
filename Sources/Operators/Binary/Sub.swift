import Tensors

/// The difference of two operands.
struct Sub: Pairwise, Kernel {
  static let info = OperatorInfo(
    name: "Sub", summary: "Difference; the operands broadcast.", formula: "y = a − b",
    inputs: 2...2, facts: [.affine, .adds, .forgetsInputs, .forgetsOutputs, .worksInPlace],
    accumulates: true, samples: pairSamples)

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ a: Vector, _ b: Vector) -> Vector { a - b }

  func exact(_ a: Double, _ b: Double) -> Double { a - b }

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
