import Operators
import Replay
import Runs
import Tensors

/// Questions about the way of the signal through a graph.
public enum SignalPath {
  /// The activation that gives a prediction its range.
  public struct Head: Sendable {
    /// The node with the activation.
    public let node: Int
    /// Its facts.
    public let activation: Activation
  }

  /// The activation right before a tensor; nil when something else made it.
  public static func head(of tensor: Int, _ graph: Graph) -> Head? {
    var tensor = tensor
    while let index = graph.producer[tensor] {
      let node = graph.nodes[index]
      if let activation = node.kind.activation {
        return Head(node: index, activation: activation)
      }
      guard node.kind.states(.passesValues), let input = node.inputs.first.flatMap({ $0 }) else {
        return nil
      }
      tensor = input
    }
    return nil
  }

  /// All tensors that a tensor depends on, itself among them.
  static func ancestors(of tensor: Int, _ graph: Graph) -> Set<Int> {
    var result: Set<Int> = []
    var open = [tensor]
    while let next = open.popLast() {
      guard result.insert(next).inserted, let node = graph.producer[next] else { continue }
      open += graph.nodes[node].inputs.compactMap { $0 }
    }
    return result
  }

  /// Tensors before which the variation between samples ends, among those that `tensor` depends on:
  /// constant themselves, made from something that still varies.
  static func collapses(before tensor: Int, _ exam: Examination) -> [Int] {
    let ancestors = ancestors(of: tensor, exam.run.graph)
    return exam.run.graph.nodes.flatMap(\.outputs).filter { output in
      guard ancestors.contains(output), !varies(output, exam),
        let node = exam.run.graph.producer[output]
      else { return false }
      return exam.run.graph.nodes[node].inputs.contains { $0.map { varies($0, exam) } ?? false }
    }
  }

  /// Whether a tensor differs between samples by more than a millionth of its magnitude.
  static func varies(_ tensor: Int, _ exam: Examination) -> Bool {
    guard let moments = exam.current.activations[tensor] else { return false }
    return relativeVariation(moments) > Limits.variation.value
  }

  /// The root mean variance of a layer's units, divided by the root mean square of its values.
  static func relativeVariation(_ moments: UnitMoments) -> Double {
    var variance = 0.0
    var power = 0.0
    for unit in 0..<moments.units where moments.count[unit] > 0 {
      variance += moments.variance(unit)
      power += moments.variance(unit) + moments.mean[unit] * moments.mean[unit]
    }
    return power > 0 ? (variance / power).squareRoot() : 0
  }

  /// Nodes that end a gradient on its way back to a tensor: a gradient comes in, none goes out. Also
  /// predictions to which the loss itself gives none.
  static func cuts(after tensor: Int, _ exam: Examination) -> (nodes: [Int], predictions: [Int]) {
    let graph = exam.run.graph
    var nodes: Set<Int> = []
    var predictions: Set<Int> = []
    var open = [tensor]
    var seen: Set<Int> = []
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      if exam.run.losses.contains(where: { $0.prediction == next }) { predictions.insert(next) }
      for use in graph.consumers[next] {
        let outputs = graph.nodes[use.node].outputs.filter { exam.flow.reached[$0] }
        guard !outputs.isEmpty else { continue }
        if outputs.allSatisfy({ isZero($0, exam) }) {
          open += outputs
        } else {
          nodes.insert(use.node)
        }
      }
    }
    return (nodes.sorted(), predictions.sorted())
  }

  /// Whether the gradient at a tensor is exactly zero on all samples.
  static func isZero(_ tensor: Int, _ exam: Examination) -> Bool {
    guard let gradient = exam.current.gradients[tensor] else { return true }
    return (0..<gradient.units).allSatisfy { gradient.isZero($0) }
  }

  /// Whether a tensor is exactly zero on all samples.
  static func isSilent(_ tensor: Int, _ exam: Examination) -> Bool {
    guard let moments = exam.current.activations[tensor] else { return false }
    return (0..<moments.units).allSatisfy { moments.minimum[$0] == 0 && moments.maximum[$0] == 0 }
  }
}
