import Tensors

/// An operator on two operands, element by element under NumPy's broadcasting: a file gives the
/// function, once for vectors and once in double for values that are known before any data.
protocol Pairwise: Operator {
  /// The function.
  func value(_ a: Vector, _ b: Vector) -> Vector
  /// The function in double.
  func exact(_ a: Double, _ b: Double) -> Double
}

extension Pairwise {
  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try commonShape([inputs.required(0), inputs.required(1)])]
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] { operandRoles(inputs) }

  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule {
    broadcastRule(inputs, outputs)
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel {
    guard destination == .channelBlocks else { return try makeKernel(inputs, outputs) }
    return try BlockView(inputs, outputs) { (inputs, outputs) throws(OperatorError) in
      try makeKernel(inputs, outputs)
    }
  }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    folded(inputs.optional(0), inputs.optional(1)) { exact($0, $1) }?.values
  }
}

extension Pairwise where Self: Kernel {
  @inline(__always) func forward(_ node: Forward) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    combine(a, b, into: node.outputs[0]) { value($0, $1) }
  }
}

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
