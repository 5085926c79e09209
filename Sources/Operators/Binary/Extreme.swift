import Tensors

/// Both directions of Max and Min.
struct ExtremeKernel<Function: Variadic>: Kernel {
  private let function: Function
  private let gradient: ExtremeGradient

  init(_ function: Function, _ gradient: ExtremeGradient) {
    self.function = function
    self.gradient = gradient
  }

  func forward(_ node: Forward) { function.join(node) }

  func backward(_ node: Backward) { gradient.write(node) }
}

/// The gradient of an element of the result is shared by the operands that equal it. All of them get
/// the whole where the result is NaN.
struct ExtremeGradient {
  private let pullback: Pullback
  private let workspace: Workspace

  init(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) {
    pullback = try Pullback(inputs, outputs)
    workspace = try Workspace(outputs)
  }

  func write(_ node: Backward) {
    guard let share = workspace.tensors.first else { return }
    let (y, dy) = (node.outputs[0], node.outputGradients[0])
    share.fill(0)
    for x in node.inputs {
      if let x { combine(share, x, y, into: share) { $0 + truth($1 .== $2) } }
    }
    zip(share, dy, into: share) { $1 / $0.replacing(with: 1, where: $0 .== 0) }
    for (x, dx) in zip(node.inputs, node.inputGradients) {
      guard let x, let dx else { continue }
      let terms = pullback.terms(of: dx, like: y)
      combine(share, x, y, into: terms) { share, x, y in
        share.replacing(with: 0, where: (x .!= y) .& (y .== y))
      }
      pullback.finish(dx, terms, like: y)
    }
  }

  /// `z = f(a, x, y)`, of which x is repeated where it must be.
  @inline(__always)
  private func combine(
    _ a: Tensor, _ x: Tensor, _ y: Tensor, into z: Tensor, _ f: (Vector, Vector, Vector) -> Vector
  ) {
    forEachPair(a, x) { row, lanes, a, x in
      (z.base + row).store(lanes, f(a, x, (y.base + row).vector(lanes)))
    }
  }
}
