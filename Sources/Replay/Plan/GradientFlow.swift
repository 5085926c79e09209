import Runs

/// Which tensors get a gradient: those that a loss depends on and that depend on something whose
/// gradient is asked for. Nothing depends on what comes before an operator that stops gradients.
public struct GradientFlow: Sendable {
  /// By tensor: whether its gradient is computed.
  public let wanted: [Bool]
  /// By tensor: whether the gradient of any loss comes to it.
  public let reached: [Bool]
  /// By tensor: whether losses depend on it, and all of their gradients are stopped on the way back.
  public let stopped: [Bool]

  /// The flow to all trainable parameters, and to the inputs when `inputs` is true.
  public init(_ run: Run, inputs: Bool = false) {
    let graph = run.graph
    var depends = [Bool](repeating: false, count: graph.tensors.count)
    for parameter in graph.parameters where parameter.trainable { depends[parameter.tensor] = true }
    if inputs { for input in graph.inputs { depends[input] = true } }
    let passing = graph.nodes.filter { !$0.kind.states(.stopsGradients) }
    for node in passing where node.inputs.contains(where: { $0.map { depends[$0] } ?? false }) {
      for output in node.outputs { depends[output] = true }
    }
    reached = Self.before(run.losses.flatMap(\.heads), passing, graph)
    stopped = zip(Self.before(run.losses.flatMap(\.heads), graph.nodes, graph), reached).map {
      $0 && !$1
    }
    wanted = zip(depends, reached).map { $0 && $1 }
  }

  /// By tensor: whether it is one of some, or some of the nodes, which are in order, lead there.
  private static func before(_ ends: [Int], _ nodes: [Graph.Node], _ graph: Graph) -> [Bool] {
    var found = [Bool](repeating: false, count: graph.tensors.count)
    for end in ends { found[end] = true }
    for node in nodes.reversed() where node.outputs.contains(where: { found[$0] }) {
      for case let input? in node.inputs { found[input] = true }
    }
    return found
  }
}
