import Operators
import Runs
import Tensors

/// How the tensors of a graph lie in memory: those between convolutions in the blocks of channels that
/// convolutions work on, so that copies are made at the edges alone.
struct Orders {
  /// By tensor; its gradient lies the same way.
  let orders: [TensorOrder]

  /// - Parameter exposed: tensors that someone else reads, who expects rows; losses and outputs of
  ///   the graph need not be named.
  init(_ run: Run, _ plan: Plan, exposed: [Int]) {
    let graph = run.graph
    var blocks = zip(plan.operands, plan.unitAxes).map { operand, axis in
      TensorOrder.prefersBlocks && operand.batched && axis == 1
        && (3...5).contains(operand.shape.rank) && operand.shape[1] > 0
        && operand.shape[1] % TensorOrder.channels == 0
    }
    let read = graph.inputs + graph.outputs + exposed + run.losses.flatMap(\.heads)
    for tensor in read + run.losses.compactMap(\.weights) { blocks[tensor] = false }
    var alike: [(Int, Int)] = []
    var made = Set<Int>()
    for node in graph.nodes {
      let inputs = node.inputs.map { $0.map { plan.operands[$0] } }
      let rule = node.kind.orderRule(inputs, node.outputs.map { plan.operands[$0].shape })
      for (slot, input) in node.inputs.enumerated() where !rule.inputs.contains(slot) {
        if let input { blocks[input] = false }
      }
      for output in node.outputs.dropFirst() { blocks[output] = false }
      guard let result = node.outputs.first else { continue }
      if rule == .rows { blocks[result] = false } else { made.insert(result) }
      guard case .alike(let slots) = rule else { continue }
      for slot in slots { if let input = node.inputs[slot] { alike.append((input, result)) } }
    }
    for tensor in blocks.indices where !made.contains(tensor) { blocks[tensor] = false }
    // Until both ends of every such node agree: each round takes blocks away, so there is an end.
    while let pair = alike.first(where: { blocks[$0.0] != blocks[$0.1] }) {
      (blocks[pair.0], blocks[pair.1]) = (false, false)
    }
    orders = blocks.map { $0 ? .channelBlocks : .rows }
  }
}
