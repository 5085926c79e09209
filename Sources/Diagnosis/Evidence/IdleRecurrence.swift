import Operators
import Runs

/// A recurrent layer that gets one step and no state from before, so that the weights of its state have
/// no part in anything.
struct IdleRecurrence {
  let node: Graph.Node
  /// The trainable parameters behind the weights of the state.
  let weights: [Graph.Parameter]
}

extension Examination {
  /// All recurrent layers that have nothing to remember.
  var idleRecurrences: [IdleRecurrence] {
    let layers = run.graph.nodes.compactMap { node in
      recurrence(of: node).map { (node: node, recurrence: $0, weights: stateWeights(of: node)) }
    }
    return layers.compactMap { layer in
      guard layer.recurrence.steps == 1, startsEmpty(layer.node) else { return nil }
      // Weights that serve another layer are those of a recurrence that is written step by step.
      let own = Set(layer.weights.map(\.tensor))
      let isShared = layers.contains { other in
        other.node.name != layer.node.name && !own.isDisjoint(with: other.weights.map(\.tensor))
      }
      return isShared ? nil : IdleRecurrence(node: layer.node, weights: layer.weights)
    }
  }

  /// The state that a node carries from step to step; nil for a node without one.
  func recurrence(of node: Graph.Node) -> Recurrence? {
    node.kind.recurrence(node.inputs.map { $0.map { plan.operands[$0] } })
  }

  /// The trainable parameters behind the weights of a recurrent node's state.
  private func stateWeights(of node: Graph.Node) -> [Graph.Parameter] {
    guard let tensor = node.inputs[Recurrence.weights] else { return [] }
    let ancestors = SignalPath.ancestors(of: tensor, run.graph)
    return run.graph.parameters.filter { $0.trainable && ancestors.contains($0.tensor) }
  }

  /// Whether no state is given, or one of zeros.
  private func startsEmpty(_ node: Graph.Node) -> Bool {
    Recurrence.starts.allSatisfy { slot in
      guard node.inputs.indices.contains(slot), let tensor = node.inputs[slot] else { return true }
      if let constant = plan.operands[tensor].constant { return constant.allSatisfy { $0 == 0 } }
      guard let parameter = run.graph.parameter(at: tensor), !parameter.trainable else {
        return false
      }
      return values(parameter).allSatisfy { $0 == 0 }
    }
  }
}
