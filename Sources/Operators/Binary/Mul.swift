import Tensors

/// The product of two operands, element by element.
struct Mul: Pairwise, Kernel {
  static let info = OperatorInfo(
    name: "Mul", summary: "Product element by element; the operands broadcast.",
    formula: "y = a · b", inputs: 2...2, facts: [.affine, .scales, .forgetsOutputs],
    accumulates: true,
    samples: pairSamples)

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ a: Vector, _ b: Vector) -> Vector { a * b }

  func exact(_ a: Double, _ b: Double) -> Double { a * b }

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
