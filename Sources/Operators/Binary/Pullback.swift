import Tensors

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
