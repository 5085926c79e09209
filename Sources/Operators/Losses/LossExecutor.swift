import Tensors

/// Computes the graph of a loss, and its gradient, for inputs of some shapes. Belongs to one thread.
final class LossExecutor {
  /// Those of the inputs.
  let shapes: [Shape]
  private let graph: LossGraph
  private let arena: Arena
  private let values: [Tensor]
  /// By tensor; nil where no gradient goes.
  private let gradients: [Tensor?]
  private let steps: [Step]
  /// Inputs of which no node makes a gradient.
  private let untouched: [Tensor]

  private struct Step {
    let node: LossGraph.Node
    let kernel: any Kernel
    let forward: Forward
    let backward: Backward?
    /// Sums to make after the backward step.
    let sums: [(scratch: Tensor, gradient: Tensor)]
    /// Outputs whose gradient nobody writes.
    let unwritten: [Tensor]
  }

  /// - Throws: `OperatorError` when shapes do not fit or memory is short.
  init(_ graph: LossGraph, _ shapes: [Shape]) throws(OperatorError) {
    let plan = try LossPlan(graph, shapes)
    let uses = Uses(graph)
    do throws(TensorError) {
      let wanted = zip(plan.operands, uses.wanted).filter(\.1).map(\.0.shape)
      let scratch = uses.scratch.map { plan.operands[$0].shape }
      arena = try Arena(
        bytes: (plan.operands.map(\.shape) + wanted + scratch).reduce(0) {
          $0 + Arena.bytes($1.count)
        })
      var values: [Tensor] = []
      var gradients: [Tensor?] = []
      for operand in plan.operands { values.append(try arena.tensor(operand.shape)) }
      for (tensor, operand) in plan.operands.enumerated() {
        gradients.append(uses.wanted[tensor] ? try arena.tensor(operand.shape) : nil)
      }
      (self.values, self.gradients) = (values, gradients)
    } catch { throw .tensor(error) }
    for constant in graph.constants {
      for (index, value) in constant.values.enumerated() {
        values[constant.tensor].base[index] = value
      }
    }
    var steps: [Step] = []
    for (index, node) in graph.nodes.enumerated() {
      do throws(OperatorError) {
        steps.append(
          try Self.step(
            node, plan, uses.slots[index], uses.unwritten[index], values, gradients, arena))
      } catch { throw .node(node.name, op: node.op, error) }
    }
    self.steps = steps
    self.graph = graph
    self.shapes = shapes
    untouched = uses.untouched.compactMap { [gradients] in gradients[$0] }
  }

  private static func step(
    _ node: LossGraph.Node, _ plan: LossPlan, _ slots: [(slot: Int, adds: Bool)],
    _ unwritten: [Int], _ values: [Tensor], _ gradients: [Tensor?], _ arena: Arena
  ) throws(OperatorError) -> Step {
    let kernel = try node.kind.makeKernel(
      node.inputs.map { $0.map { plan.operands[$0] } },
      node.outputs.map { plan.operands[$0].shape }, from: .rows, to: .rows)
    let forward = Forward(
      inputs: node.inputs.map { $0.map { values[$0] } }, outputs: node.outputs.map { values[$0] })
    var targets = [Tensor?](repeating: nil, count: node.inputs.count)
    var betas = [Float](repeating: 0, count: node.inputs.count)
    var sums: [(scratch: Tensor, gradient: Tensor)] = []
    for (slot, adds) in slots {
      guard let input = node.inputs[slot], let gradient = gradients[input] else { continue }
      if adds, !type(of: node.kind).info.accumulates {
        do throws(TensorError) {
          let scratch = try arena.tensor(gradient.shape)
          sums.append((scratch, gradient))
          targets[slot] = scratch
        } catch { throw .tensor(error) }
      } else {
        (targets[slot], betas[slot]) = (gradient, adds ? 1 : 0)
      }
    }
    let backward =
      slots.isEmpty
      ? nil
      : Backward(
        inputs: forward.inputs, outputs: forward.outputs,
        outputGradients: node.outputs.map { gradients[$0] ?? values[$0] },
        inputGradients: targets, betas: betas)
    return Step(
      node: node, kernel: kernel, forward: forward, backward: backward, sums: sums,
      unwritten: unwritten.compactMap { gradients[$0] })
  }

  /// The sum of the output's elements for inputs of the executor's shapes.
  func forward(_ inputs: [Tensor]) throws(OperatorError) -> Double {
    for (input, tensor) in zip(graph.inputs, inputs) {
      values[input].base.update(from: tensor.base, count: tensor.count)
    }
    for step in steps {
      do throws(OperatorError) { try step.kernel.forward(step.forward) } catch {
        throw .node(step.node.name, op: step.node.op, error)
      }
    }
    return values[graph.output].buffer.reduce(0.0) { $0 + Double($1) }
  }

  /// Computes `scale` times the gradients of the inputs, once after a `forward`.
  func backward(scale: Float) throws(OperatorError) {
    for gradient in untouched { gradient.fill(0) }
    guard let gradient = gradients[graph.output] else { return }
    gradient.fill(scale)
    for step in steps.reversed() {
      guard let backward = step.backward else { continue }
      for gradient in step.unwritten { gradient.fill(0) }
      do throws(OperatorError) { try step.kernel.backward(backward) } catch {
        throw .node(step.node.name, op: step.node.op, error)
      }
      for sum in step.sums { sum.gradient.add(sum.scratch) }
    }
  }

  /// Writes the gradient of an input, or adds it.
  func give(_ input: Int, to destination: Tensor, adding: Bool) {
    guard let gradient = gradients[graph.inputs[input]] else {
      if !adding { destination.fill(0) }
      return
    }
    if adding {
      destination.add(gradient)
    } else {
      destination.base.update(from: gradient.base, count: gradient.count)
    }
  }

  /// Which gradients the nodes make, from the last to the first.
  private struct Uses {
    let wanted: [Bool]
    /// By node: the inputs that get a gradient, and whether something is there already.
    private(set) var slots: [[(slot: Int, adds: Bool)]]
    private(set) var unwritten: [[Int]]
    /// Tensors whose gradient is summed by way of scratch memory, once for each time.
    private(set) var scratch: [Int] = []
    private(set) var untouched: [Int] = []

    init(_ graph: LossGraph) {
      wanted = graph.wanted
      slots = Array(repeating: [], count: graph.nodes.count)
      unwritten = Array(repeating: [], count: graph.nodes.count)
      var written = [Bool](repeating: false, count: graph.tensors)
      written[graph.output] = true
      for (index, node) in graph.nodes.enumerated().reversed()
      where node.outputs.contains(where: { wanted[$0] }) {
        unwritten[index] = node.outputs.filter { wanted[$0] && !written[$0] }
        for (slot, input) in node.inputs.enumerated() {
          guard let input, wanted[input] else { continue }
          slots[index].append((slot, written[input]))
          if written[input], !type(of: node.kind).info.accumulates { scratch.append(input) }
          written[input] = true
        }
      }
      untouched = graph.inputs.filter { wanted[$0] && !written[$0] }
    }
  }
}
