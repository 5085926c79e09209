import Operators
import Replay
import Runs
import Tensors

extension Examination {
  /// A node with an activation function and what was measured right before it.
  struct ActivationLayer {
    let node: Graph.Node
    let activation: Activation
    /// The tensor of pre-activations.
    let input: Int
    let moments: UnitMoments

    /// The units that no sample switches on, where the activation is a rectifier.
    var dead: [Int] {
      guard activation.rectifier else { return [] }
      return (0..<moments.units).filter {
        moments.count[$0] > 0 && Double(moments.maximum[$0]) <= activation.flatBelow ?? 0
      }
    }
  }

  /// All activation layers whose input has samples.
  var activationLayers: [ActivationLayer] {
    run.graph.nodes.compactMap { node in
      guard let activation = node.kind.activation,
        let input = node.inputs.first.flatMap({ $0 }),
        let moments = current.activations[input]
      else { return nil }
      return ActivationLayer(node: node, activation: activation, input: input, moments: moments)
    }
  }

  /// A parameter that holds the weights between units.
  struct Kernel {
    let parameter: Graph.Parameter
    let layout: UnitLayout
    /// The node that uses it first.
    let node: Graph.Node
  }

  /// All kernels, in the order of the parameters.
  var kernels: [Kernel] {
    run.graph.parameters.compactMap { parameter in
      guard let role = plan.roles[parameter.tensor], role.kind == .kernel,
        let use = run.graph.consumers[parameter.tensor].first
      else { return nil }
      let shape = plan.operands[parameter.tensor].shape
      return Kernel(
        parameter: parameter,
        layout: UnitLayout(shape, axis: role.unitAxis, batched: false),
        node: run.graph.nodes[use.node])
    }
  }

  /// Whether a tensor is what a loss predicts, be it through operators that pass values on.
  func isHead(_ tensor: Int) -> Bool {
    run.losses.contains { $0.prediction == tensor || passesOn(tensor, to: $0.prediction) }
  }

  private func passesOn(_ tensor: Int, to prediction: Int) -> Bool {
    var next = prediction
    while let index = run.graph.producer[next] {
      let node = run.graph.nodes[index]
      guard node.kind.states(.passesValues) || node.kind.activation != nil,
        let input = node.inputs.first.flatMap({ $0 })
      else { return false }
      if input == tensor { return true }
      next = input
    }
    return false
  }

  /// The loss that predicts a tensor, and the targets it is compared with.
  func loss(of prediction: Int) -> Run.LossTerm? {
    run.losses.first { $0.prediction == prediction }
  }

  /// The inputs of the data that reach a tensor through affine operators alone.
  func directInputs(of tensor: Int) -> [Int] {
    var result: [Int] = []
    var open = [tensor]
    var seen: Set<Int> = []
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      if run.graph.inputs.contains(next) {
        result.append(next)
      } else if let index = run.graph.producer[next] {
        let node = run.graph.nodes[index]
        if node.kind.states(.affine) || node.kind.states(.passesValues) {
          open += node.inputs.compactMap { $0 }
        }
      }
    }
    return result.sorted()
  }

  /// The operands and the output of what makes a tensor.
  func layer(before tensor: Int) -> [Int] {
    let operands = run.graph.producer[tensor].map { run.graph.nodes[$0].inputs.compactMap { $0 } }
    return (operands ?? []) + [tensor]
  }

  /// Whether an input reaches a kernel as it is (`SignalPath.feedsKernel`).
  func feedsKernel(_ input: Int) -> Bool { SignalPath.feedsKernel(input, run, plan) }

  /// Whether anything trainable stands before a tensor.
  func hasTrainableAncestors(_ tensor: Int) -> Bool {
    let ancestors = SignalPath.ancestors(of: tensor, run.graph)
    return run.graph.parameters.contains { $0.trainable && ancestors.contains($0.tensor) }
  }
}
