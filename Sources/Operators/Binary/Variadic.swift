import Tensors

/// An operator on one or more operands that broadcast to a common shape.
protocol Variadic: Operator {
  /// Joins what the operands before have made with the next one.
  func join(_ a: Vector, _ b: Vector) -> Vector
  /// The same for known values.
  func exact(_ a: Double, _ b: Double) -> Double
}

extension Variadic {
  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    var operands: [Operand] = []
    for index in inputs.indices { operands.append(try inputs.required(index)) }
    return [try commonShape(operands)]
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

  func constant(_ inputs: [Operand?]) -> [Double]? { foldedAll(inputs) }

  /// All operands joined, when every one is known.
  func foldedAll(_ inputs: [Operand?]) -> [Double]? {
    guard var result = inputs.optional(0)?.known else { return nil }
    for input in inputs.dropFirst() {
      guard let next = input?.known, let joined = folded(result, next, { exact($0, $1) }) else {
        return nil
      }
      result = joined
    }
    return result.values
  }

  /// All operands joined.
  @inline(__always)
  func join(_ node: Forward) {
    guard let first = node.inputs.optional(0) else { return }
    let y = node.outputs[0]
    broadcast(first, over: y)
    for next in node.inputs.dropFirst() {
      if let next { combine(y, next, into: y) { join($0, $1) } }
    }
  }
}

/// How many operands an operator may have.
let anyNumber = 1...Int(Int32.max)

/// One, two and several operands, alike and repeated.
func variadicSamples(range: ClosedRange<Double>) -> [GradientSample] {
  let shapes = [
    [[3, 5]], [[3, 5], [3, 5]], [[2, 17], [17], [2, 1]], [[3, 1], [1, 4]], [[], [3], [2, 3]],
    [[0, 4], [4]],
  ]
  return shapes.map { GradientSample($0, range: range) }
}
