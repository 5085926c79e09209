import Npy
import Operators

extension Run {
  /// The same run as its network is used: batch normalizations go by their running statistics. Those
  /// without any, which stand at mean 0 and variance 1, stay as they are.
  ///
  /// - Throws: `RunError.npy` when the statistics cannot be read.
  package func evaluating() throws(RunError) -> Run {
    try replacingKinds { (node) throws(RunError) in
      guard let kind = node.kind.evaluating, node.outputs.count == 1, try keepsStatistics(node)
      else { return nil }
      return kind
    }
  }

  /// The same run with nothing that stops gradients: what they would be.
  ///
  /// - Throws: `RunError` when an operator is not known.
  package func ignoringStops() throws(RunError) -> Run {
    try replacingKinds { (node) throws(RunError) in
      guard node.kind.states(.stopsGradients) else { return nil }
      do throws(OperatorError) {
        return try OperatorRegistry.make("Identity", [:], inputs: 1, outputs: 1)
      } catch { throw .node(node.name, op: node.op, error) }
    }
  }

  /// The same run with frozen parameters to be trained.
  package var thawed: Run { replacing(graph.nodes, graph.parameters.map(\.thawed)) }

  /// The same run with other operators at some nodes.
  private func replacingKinds(
    _ kind: (Graph.Node) throws(RunError) -> (any Operator)?
  ) throws(RunError) -> Run {
    var nodes: [Graph.Node] = []
    for node in graph.nodes {
      nodes.append(
        Graph.Node(
          name: node.name, op: node.op, kind: try kind(node) ?? node.kind, inputs: node.inputs,
          outputs: node.outputs, layer: node.layer))
    }
    return replacing(nodes, graph.parameters)
  }

  private func replacing(_ nodes: [Graph.Node], _ parameters: [Graph.Parameter]) -> Run {
    var other = Run(
      graph: Graph(
        tensors: graph.tensors, inputs: graph.inputs, nodes: nodes, parameters: parameters,
        outputs: graph.outputs, sources: graph.sources, columns: graph.columns), data: data,
      validation: validation,
      losses: losses,
      training: training, history: history, provenance: provenance, snapshots: snapshots,
      samples: samples, nominalBatch: nominalBatch)
    other.memory = memory
    other.squeezed = squeezed
    return other
  }

  /// Whether a normalization has statistics that a training moved.
  private func keepsStatistics(_ node: Graph.Node) throws(RunError) -> Bool {
    let arrays = node.inputs.suffix(2).compactMap { $0.flatMap(graph.parameter(at:)) }
    guard node.inputs.count == 5, arrays.count == 2 else { return false }
    let mean = try bridging(arrays[0].array.floats())
    let variance = try bridging(arrays[1].array.floats())
    return !(mean.allSatisfy { $0 == 0 } && variance.allSatisfy { $0 == 1 })
  }
}
