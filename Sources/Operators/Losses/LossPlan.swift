import Tensors

/// What is known of every tensor of a loss's graph before any value is there.
struct LossPlan {
  /// By tensor.
  let operands: [Operand]
  /// Whether every node treats the samples of a batch apart from each other.
  let keepsSamples: Bool

  /// Applies the shape rules of all nodes.
  ///
  /// - Parameter shapes: those of the graph's inputs, in their order.
  /// - Throws: `OperatorError.node` when shapes do not fit.
  init(_ graph: LossGraph, _ shapes: [Shape]) throws(OperatorError) {
    guard shapes.count == graph.inputs.count else {
      throw .arity("inputs", found: shapes.count, expected: graph.inputs.count...graph.inputs.count)
    }
    var operands = [Operand](repeating: Operand(.scalar, batched: false), count: graph.tensors)
    for (input, shape) in zip(graph.inputs, shapes) { operands[input] = Operand(shape) }
    for constant in graph.constants {
      // Beyond, no constant is a shape or an axis.
      let known = constant.values.count <= 64 ? constant.values.map { Double($0) } : nil
      operands[constant.tensor] = Operand(constant.shape, batched: false, constant: known)
    }
    var keeps = true
    for node in graph.nodes {
      let inputs = node.inputs.map { $0.map { operands[$0] } }
      let batched = inputs.contains { $0?.batched ?? false }
      do throws(OperatorError) {
        let found = try node.kind.outputShapes(inputs)
        if batched, !node.kind.keepsSamples(inputs, found) { keeps = false }
        let constant = batched ? nil : node.kind.constant(inputs)
        for (output, shape) in zip(node.outputs, found) {
          operands[output] = Operand(shape, batched: batched, constant: constant)
        }
      } catch { throw .node(node.name, op: node.op, error) }
    }
    self.operands = operands
    keepsSamples = keeps
  }

  /// The elements of the largest tensor.
  var largest: Int { operands.map(\.shape.count).max() ?? 0 }
}
