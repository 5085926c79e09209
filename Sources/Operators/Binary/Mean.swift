import Tensors

/// The mean of its operands.
struct Mean: Variadic, Kernel {
  static let info = OperatorInfo(
    name: "Mean", summary: "Mean of one or more operands, which broadcast.", formula: "y = Σ x / n",
    inputs: anyNumber, facts: [.affine], accumulates: true, samples: variadicSamples(range: -2...2))

  init(_ attributes: Attributes) {}

  @inline(__always) func join(_ a: Vector, _ b: Vector) -> Vector { a + b }

  func exact(_ a: Double, _ b: Double) -> Double { a + b }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    foldedAll(inputs)?.map { $0 / Double(inputs.count) }
  }

  func forward(_ node: Forward) {
    join(node)
    let count = Float(node.inputs.count)
    map(node.outputs[0], into: node.outputs[0]) { $0 / count }
  }

  func backward(_ node: Backward) {
    let factor = 1 / Float(max(1, node.inputs.count))
    for (dx, beta) in zip(node.inputGradients, node.betas) {
      if let dx {
        reduceToShape(node.outputGradients[0], into: dx, factor: factor, adding: beta == 1)
      }
    }
  }
}
