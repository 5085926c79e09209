import Tensors

/// One of two operands, element by element: the first where a condition is not 0.
struct Where: Operator {
  static let info = OperatorInfo(
    name: "Where", summary: "One of two operands by a condition; all three broadcast.",
    formula: "y = a where condition ≠ 0, b otherwise", inputs: 3...3,
    samples: [
      GradientSample([[2, 3], [2, 3], [2, 3]], constants: [0: [1, 0, 0, 1, 1, 0]]),
      GradientSample([[2, 1], [3], [2, 3]], constants: [0: [1, 0]]),
      GradientSample([[3], [2, 3], []], constants: [0: [0, 1, 0]]),
      GradientSample([[2, 3], [], [3]], constants: [0: [1, 0, 0, 1, 1, 0]]),
      GradientSample([[], [2, 17], [17]], constants: [0: [1]]),
      GradientSample([[0, 4], [0, 4], [4]], constants: [0: []]),
    ])

  init(_ attributes: Attributes) {}

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try commonShape([inputs.required(0), inputs.required(1), inputs.required(2)])]
  }

  /// That of the operands, not of the condition.
  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    for (input, axis) in zip(inputs, axes).dropFirst() {
      if let axis, input?.shape.rank == output.rank { return axis }
    }
    return output.rank > 1 ? output.rank - 1 : nil
  }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let condition = inputs.optional(0)?.known, let a = inputs.optional(1)?.known,
      let b = inputs.optional(2)?.known,
      // First where each value comes from: the places of a count from 0, those of b from −1 down.
      let left = folded(condition, places(a), { $0 != 0 ? $1 : -.infinity }),
      let both = folded(left, places(b), { $0 >= 0 ? $0 : -1 - $1 })
    else { return nil }
    return both.values.map { $0 >= 0 ? a.values[Int($0)] : b.values[Int(-1 - $0)] }
  }

  private func places(_ known: Known) -> Known {
    Known(shape: known.shape, values: known.values.indices.map { Double($0) })
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel { try WhereKernel(inputs, outputs) }
}

/// Both directions of a choice. The condition is repeated once, in forward, when it is smaller than
/// the result.
private struct WhereKernel: Kernel {
  private let pullback: Pullback
  private let workspace: Workspace

  init(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) {
    pullback = try Pullback(inputs, outputs)
    let smaller = inputs.optional(0)?.shape.count != outputs.first?.count
    workspace = try Workspace(smaller ? outputs : [])
  }

  func forward(_ node: Forward) {
    guard let condition = node.inputs.optional(0), let a = node.inputs.optional(1),
      let b = node.inputs.optional(2)
    else { return }
    let y = node.outputs[0]
    let mask = mask(condition, y)
    if let whole = workspace.tensors.first { broadcast(condition, over: whole) }
    broadcast(b, over: y)
    forEachPair(mask, a) { row, lanes, mask, a in
      let y = y.base + row
      y.store(lanes, y.vector(lanes).replacing(with: a, where: mask .!= 0))
    }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(0)?.fill(0)
    guard let condition = node.inputs.optional(0) else { return }
    let (y, dy) = (node.outputs[0], node.outputGradients[0])
    let mask = mask(condition, y)
    if let da = node.inputGradients.optional(1) {
      let terms = pullback.terms(of: da, like: y)
      zip(mask, dy, into: terms) { $1.replacing(with: 0, where: $0 .== 0) }
      pullback.finish(da, terms, like: y)
    }
    if let db = node.inputGradients.optional(2) {
      let terms = pullback.terms(of: db, like: y)
      zip(mask, dy, into: terms) { $1.replacing(with: 0, where: $0 .!= 0) }
      pullback.finish(db, terms, like: y)
    }
  }

  /// The condition under the shape of the result.
  private func mask(_ condition: Tensor, _ result: Tensor) -> Tensor {
    workspace.tensors.first ?? condition.reshaped(result.shape)
  }
}
