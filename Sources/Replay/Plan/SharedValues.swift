import Operators
import Runs
import Tensors

/// Which tensors of a batch lie in the memory of another one: views of it, and results that are
/// written over an operand which nobody reads any more.
struct SharedValues {
  /// By tensor: the tensor whose memory it takes; itself where it has its own.
  let homes: [Int]

  /// - Parameters:
  ///   - kept: tensors that somebody reads after the forward pass, besides those of the losses and the
  ///     outputs of the graph.
  ///   - flow: which gradients are computed; nil where there is no backward pass.
  init(_ run: Run, _ plan: Plan, _ orders: [TensorOrder], kept: [Int], _ flow: GradientFlow?) {
    let graph = run.graph
    var homes = Array(graph.tensors.indices)
    var uses = [Int](repeating: 0, count: homes.count)
    for case let input? in graph.nodes.flatMap(\.inputs) { uses[input] += 1 }
    // What is read once, in its consumer's forward step, and needed no more.
    var isSpent = uses.indices.map { uses[$0] == 1 && plan.operands[$0].batched }
    for tensor in graph.inputs + graph.outputs + kept { isSpent[tensor] = false }
    for term in run.losses {
      for tensor in term.heads + (term.weights.map { [$0] } ?? []) { isSpent[tensor] = false }
    }
    if flow != nil {
      for node in graph.nodes {
        if !node.kind.states(.forgetsInputs) {
          for case let input? in node.inputs { isSpent[input] = false }
        }
        if !node.kind.states(.forgetsOutputs) {
          for output in node.outputs { isSpent[output] = false }
        }
      }
    }
    // By tensor with memory of its own: whether all that lies there so far may be written over.
    var isFree = [Bool](repeating: true, count: homes.count)
    for node in graph.nodes {
      guard let output = node.outputs.first, plan.operands[output].batched else { continue }
      let inputs = node.inputs.compactMap { $0 }.filter { plan.operands[$0].batched }
      if node.kind.states(.reshapes), let input = node.inputs.first ?? nil,
        inputs.contains(input), orders[input] == orders[output]
      {
        homes[output] = homes[input]
        if !isSpent[input] { isFree[homes[input]] = false }
      } else if node.kind.states(.worksInPlace),
        let input = inputs.first(where: {
          isSpent[$0] && isFree[homes[$0]] && orders[$0] == orders[output]
            && plan.operands[$0].shape == plan.operands[output].shape
        })
      {
        homes[output] = homes[input]
      }
    }
    self.homes = homes
  }
}
