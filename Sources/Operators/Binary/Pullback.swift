import Tensors

/// A function of two operands with a derivative for each.
protocol DifferentiablePairwise: Pairwise {
  /// The gradient of the first operand, element by element.
  func left(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector
  /// That of the second.
  func right(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector
}

extension DifferentiablePairwise {
  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    PairwiseKernel(self, try Pullback(inputs, outputs))
  }
}

/// Both directions of a function of two operands.
private struct PairwiseKernel<Function: DifferentiablePairwise>: Kernel {
  let function: Function
  let pullback: Pullback

  init(_ function: Function, _ pullback: Pullback) {
    self.function = function
    self.pullback = pullback
  }

  func forward(_ node: Forward) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    combine(a, b, into: node.outputs[0]) { function.value($0, $1) }
  }

  func backward(_ node: Backward) {
    pullback(node, 0) { function.left($0, $1, $2, $3) }
    pullback(node, 1) { function.right($0, $1, $2, $3) }
  }
}

/// Gradients of operands that may have been repeated: the terms are computed for every element of
/// the result and then summed.
struct Pullback {
  /// Of the result's size, when an operand is repeated.
  private let workspace: Workspace

  init(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) {
    let result = outputs.first ?? .scalar
    let repeats = inputs.contains { $0 != nil && $0?.shape.count != result.count }
    workspace = try Workspace(repeats ? [result] : [])
  }

  /// Where the terms of a gradient go before they are summed: the gradient itself, when nothing is
  /// to be summed.
  func terms(of gradient: Tensor, like result: Tensor) -> Tensor {
    gradient.count == result.count ? gradient : workspace.tensors.first ?? gradient
  }

  /// Sums the terms into the gradient.
  func finish(_ gradient: Tensor, _ terms: Tensor, like result: Tensor) {
    if gradient.count != result.count {
      reduceToShape(terms.reshaped(result.shape), into: gradient)
    }
  }

  /// Writes the gradient of one of two operands from a function of both, the result and its gradient.
  @inline(__always)
  func callAsFunction(
    _ node: Backward, _ index: Int, _ term: (Vector, Vector, Vector, Vector) -> Vector
  ) {
    guard let gradient = node.inputGradients.optional(index), let a = node.inputs.optional(0),
      let b = node.inputs.optional(1)
    else { return }
    let (y, dy) = (node.outputs[0], node.outputGradients[0])
    let terms = terms(of: gradient, like: y)
    forEachPair(a, b) { row, lanes, a, b in
      (terms.base + row).store(
        lanes, term(a, b, (y.base + row).vector(lanes), (dy.base + row).vector(lanes)))
    }
    finish(gradient, terms, like: y)
  }
}

/// The ways in which two operands meet, for functions that need positive numbers.
let positivePairSamples = combineSamples.map {
  GradientSample($0.shapes, range: 0.7...2.5)
}
