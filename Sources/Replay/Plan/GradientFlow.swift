import Runs

/// Which tensors get a gradient: those that a loss depends on and that depend on something whose
/// gradient is asked for.
public struct GradientFlow: Sendable {
  /// By tensor: whether its gradient is computed.
  public let wanted: [Bool]
  /// By tensor: whether any loss depends on it.
  public let reached: [Bool]

  /// The flow to all trainable parameters, and to the inputs when `inputs` is true.
  public init(_ run: Run, inputs: Bool = false) {
    let graph = run.graph
    var depends = [Bool](repeating: false, count: graph.tensors.count)
    for parameter in graph.parameters where parameter.trainable { depends[parameter.tensor] = true }
    if inputs { for input in graph.inputs { depends[input] = true } }
    for node in graph.nodes where node.inputs.contains(where: { $0.map { depends[$0] } ?? false }) {
      for output in node.outputs { depends[output] = true }
    }
    var reached = [Bool](repeating: false, count: graph.tensors.count)
    for head in run.losses.flatMap(\.heads) { reached[head] = true }
    for node in graph.nodes.reversed() where node.outputs.contains(where: { reached[$0] }) {
      for case let input? in node.inputs { reached[input] = true }
    }
    self.reached = reached
    wanted = zip(depends, reached).map { $0 && $1 }
  }
}
