import Tensors

/// The sum of its operands.
struct Sum: Variadic, Kernel {
  static let info = OperatorInfo(
    name: "Sum", summary: "Sum of one or more operands, which broadcast.", formula: "y = Σ x",
    inputs: anyNumber, facts: [.affine, .adds, .forgetsInputs, .forgetsOutputs], accumulates: true,
    samples: variadicSamples(range: -2...2))

  init(_ attributes: Attributes) {}

  @inline(__always) func join(_ a: Vector, _ b: Vector) -> Vector { a + b }

  func exact(_ a: Double, _ b: Double) -> Double { a + b }

  func forward(_ node: Forward) {
    join(node)
  }

  func backward(_ node: Backward) {
    for (dx, beta) in zip(node.inputGradients, node.betas) {
      if let dx { reduceToShape(node.outputGradients[0], into: dx, adding: beta == 1) }
    }
  }
}
