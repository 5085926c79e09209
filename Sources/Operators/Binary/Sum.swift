import Tensors

/// The sum of its operands.
struct Sum: Variadic, Kernel {
  static let info = OperatorInfo(
    name: "Sum", summary: "Sum of one or more operands, which broadcast.", formula: "y = Σ x",
    inputs: anyNumber,
    facts: [.affine, .adds], accumulates: true, samples: variadicSamples(range: -2...2))

  init(_ attributes: Attributes) {}

  /// A parameter among the operands is a bias.
  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    inputs.map { input in
      guard let input, !input.batched else { return nil }
      return ParameterRole(.bias, unitAxis: max(0, input.shape.rank - 1))
    }
  }

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
