import Operators
import Replay
import Runs

/// A tensor that stays on one side of 0 whatever the weights are, such as a distance.
struct OneSided {
  /// The operator that takes the other side away.
  let node: Graph.Node
  /// Whether the values are never above 0, in place of never below.
  let isNegative: Bool

  /// - Returns: nil where nothing in the graph says so.
  init?(_ tensor: Int, _ graph: Graph, _ plan: Plan) {
    var tensor = tensor
    var isNegative = false
    while let index = graph.producer[tensor] {
      let node = graph.nodes[index]
      guard let input = node.inputs.first.flatMap({ $0 }) else { return nil }
      let isSquare = node.kind.states(.scales) && node.inputs.count == 2 && node.inputs[1] == input
      if isSquare || node.kind.isNeverNegative(node.inputs.map { $0.map { plan.operands[$0] } }) {
        (self.node, self.isNegative) = (node, isNegative)
        return
      }
      if node.kind.states(.negates) {
        isNegative.toggle()
      } else if !node.kind.states(.keepsSign), !node.kind.states(.passesValues) {
        return nil
      }
      tensor = input
    }
    return nil
  }
}
