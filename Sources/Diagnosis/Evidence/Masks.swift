import Npy
import Operators
import Replay
import Runs

/// −infinity that masks scores: put there on purpose, and taken away by a softmax or its like.
enum Masks {
  /// Whether every value of a replay is finite, or is −infinity that a mask put there.
  static func isFinite(_ vitals: ReplayVitals, _ run: Run) -> Bool {
    guard vitals.loss.isFinite else { return false }
    let strange = vitals.activations.indices.filter { tensor in
      vitals.activations[tensor]?.nonFinite.contains { $0 > 0 } ?? false
    }
    guard !strange.isEmpty else { return true }
    return hidden(run.graph, vitals, run.losses).isSuperset(of: strange)
  }

  /// Tensors whose values are not all finite, and of which every way ends in an operator that takes
  /// −infinity and whose outputs are finite. These prove that nothing else was there.
  static func hidden(_ graph: Graph, _ vitals: ReplayVitals, _ losses: [Run.LossTerm]) -> Set<Int> {
    let masks = Set(graph.parameters.filter { isMask($0) }.map(\.tensor))
    var hidden: Set<Int> = []
    let heads = Set(losses.flatMap(\.heads))
    for tensor in graph.tensors.indices.reversed() where hasInfinity(tensor, masks, vitals) {
      // What a loss reads of it, the loss's own value tells.
      let isLogarithm = heads.contains(tensor) && vitals.loss.isFinite && takes(tensor, graph)
      let uses = graph.consumers[tensor]
      guard isLogarithm || !uses.isEmpty, !graph.isTrainable(tensor) else { continue }
      let isHidden = uses.allSatisfy { use in
        let node = graph.nodes[use.node]
        return node.outputs.allSatisfy { output in
          hasInfinity(output, masks, vitals)
            ? hidden.contains(output) : node.kind.states(.takesMinusInfinity)
        }
      }
      if isHidden { hidden.insert(tensor) }
    }
    return hidden
  }

  /// Whether a constant holds −infinity, and nothing else that is not finite.
  static func isMask(_ parameter: Graph.Parameter) -> Bool {
    guard !parameter.trainable, parameter.array.elementType.isReal else { return false }
    guard let values = try? parameter.array.doubles() else { return false }
    return values.contains(-.infinity)
      && values.allSatisfy { $0.isFinite || $0 == -.infinity }
  }

  /// Whether a tensor was made by an operator that may give −infinity for an impossible class.
  private static func takes(_ tensor: Int, _ graph: Graph) -> Bool {
    graph.producer[tensor].map { graph.nodes[$0].kind.states(.takesMinusInfinity) } ?? false
  }

  private static func hasInfinity(
    _ tensor: Int, _ masks: Set<Int>, _ vitals: ReplayVitals
  ) -> Bool {
    masks.contains(tensor)
      || vitals.activations[tensor].map { $0.nonFinite.contains { $0 > 0 } } ?? false
  }
}

extension Graph {
  /// Whether a tensor is a parameter that the training changes.
  fileprivate func isTrainable(_ tensor: Int) -> Bool {
    parameter(at: tensor)?.trainable ?? false
  }
}
