extension Run {
  /// The same run with tanh wherever a recurrent layer has a function without bounds for its state.
  package var withBoundedStates: Run {
    let nodes = graph.nodes.map { node in
      Graph.Node(
        name: node.name, op: node.op, kind: node.kind.bounded ?? node.kind, inputs: node.inputs,
        outputs: node.outputs, layer: node.layer)
    }
    let bounded = Graph(
      tensors: graph.tensors, inputs: graph.inputs, nodes: nodes, parameters: graph.parameters,
      outputs: graph.outputs, sources: graph.sources, columns: graph.columns)
    var other = Run(
      graph: bounded, data: data, validation: validation, losses: losses, training: training,
      history: history, provenance: provenance, snapshots: snapshots, samples: samples,
      nominalBatch: nominalBatch)
    other.memory = memory
    other.squeezed = squeezed
    return other
  }
}
