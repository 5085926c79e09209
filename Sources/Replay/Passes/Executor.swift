import Npy
import Operators
import Runs
import Tensors

/// Replays batches of one size on one thread: all memory is laid out once, and a batch allocates
/// nothing.
package final class Executor {
  let run: Run
  let plan: Plan
  /// By tensor: how its values and its gradient lie in memory.
  package let orders: [TensorOrder]
  /// By tensor.
  package let values: [Tensor]
  /// By tensor; nil where no gradient is asked for.
  package let gradients: [Tensor?]
  private let inputs: [(tensor: Int, feed: Feed)]
  private let steps: [Step]
  /// Sums of gradients that are not written but added to in the first batch, too.
  private let cleared: [Tensor]
  private let arena: Arena
  private let weights: Weights
  private var constantsDone = false
  /// Makes dropouts drop for real where it is set; else they pass everything.
  package var dropout: DropoutMasks?

  /// A node with its tensors. A class, for a batch would retain every part of a struct.
  final class Step {
    let node: Graph.Node
    let kernel: any Kernel
    let forward: Forward
    let backward: Backward?
    /// The same for the first batch of a sum, where the gradients of parameters are written.
    let opening: Backward?
    /// Sums to make after the backward step: a scratch tensor into a gradient.
    let sums: [(scratch: Tensor, gradient: Tensor)]
    /// Whether one batch's outputs are not the next one's.
    let changes: Bool
    /// Outputs whose gradient is zero because no loss depends on them.
    let unwritten: [Tensor]

    init(
      node: Graph.Node, kernel: any Kernel, forward: Forward, backward: Backward?,
      opening: Backward?,
      sums: [(scratch: Tensor, gradient: Tensor)], changes: Bool, unwritten: [Tensor]
    ) {
      self.node = node
      self.kernel = kernel
      self.forward = forward
      self.backward = backward
      self.opening = opening
      self.sums = sums
      self.changes = changes
      self.unwritten = unwritten
    }
  }

  /// - Parameters:
  ///   - flow: which gradients to compute; nil replays forward only.
  ///   - exposed: tensors that the caller reads, besides the heads of losses and the outputs.
  ///   - training: whether weights change between batches, and with them what is made of them alone.
  package init(
    _ run: Run, plan: Plan, weights: Weights, flow: GradientFlow?, exposed: [Int] = [],
    training: Bool = false
  ) throws(RunError) {
    let layout = TensorLayout(run, plan, flow, exposed: exposed)
    let places: TensorLayout.Places
    do throws(TensorError) {
      arena = try Arena(bytes: layout.bytes)
      places = try layout.place(in: arena, weights)
    } catch { throw .system(error) }
    (values, gradients) = (places.values, places.gradients)
    steps = try ConvolutionScratch.shared { () throws(RunError) in
      try Self.steps(run, plan, weights, layout, places, training: training)
    }
    var sums: [Tensor] = []
    for tensor in layout.cleared { if let sum = gradients[tensor] { sums.append(sum) } }
    self.run = run
    self.plan = plan
    orders = layout.orders
    self.weights = weights
    var inputs: [(tensor: Int, feed: Feed)] = []
    for input in run.graph.inputs {
      inputs.append((input, Feed(run.data[run.graph.tensors[input]], into: values[input])))
    }
    self.inputs = inputs
    cleared = sums
  }

  /// A step for every node. They run one after another.
  private static func steps(
    _ run: Run, _ plan: Plan, _ weights: Weights, _ layout: TensorLayout,
    _ places: TensorLayout.Places, training: Bool
  ) throws(RunError) -> [Step] {
    var steps: [Step] = []
    var trained = [Bool](repeating: false, count: places.values.count)
    if training { for parameter in run.graph.parameters { trained[parameter.tensor] = true } }
    for (index, node) in run.graph.nodes.enumerated() {
      let follows = node.inputs.contains { $0.map { trained[$0] } ?? false }
      for output in node.outputs { trained[output] = follows }
      let changes = follows || node.outputs.contains { plan.operands[$0].batched }
      steps.append(
        try step(
          node, plan, layout.orders, layout.uses[index], layout.unwritten[index], places,
          transposed: node.kind.transposedInput.flatMap { node.inputs[$0] }.flatMap {
            weights.transposed[$0]
          },
          changes: changes))
    }
    return steps
  }

  private static func step(
    _ node: Graph.Node, _ plan: Plan, _ orders: [TensorOrder], _ uses: [TensorLayout.Use],
    _ unwritten: [Int], _ places: TensorLayout.Places, transposed: Tensor?, changes: Bool
  ) throws(RunError) -> Step {
    let (values, gradients) = (places.values, places.gradients)
    let operands = node.inputs.map { $0.map { plan.operands[$0] } }
    let shapes = node.outputs.map { plan.operands[$0].shape }
    let kernel = try naming(node) { () throws(OperatorError) in
      try node.kind.makeKernel(
        operands, shapes, from: node.inputs.first.flatMap { $0 }.map { orders[$0] } ?? .rows,
        to: node.outputs.first.map { orders[$0] } ?? .rows)
    }
    let forward = Forward(
      inputs: node.inputs.map { $0.map { values[$0] } }, outputs: node.outputs.map { values[$0] },
      transposed: transposed)
    var backward: Backward?
    var opening: Backward?
    var sums: [(scratch: Tensor, gradient: Tensor)] = []
    if !uses.isEmpty {
      var targets = [Tensor?](repeating: nil, count: node.inputs.count)
      var betas = [Float](repeating: 0, count: node.inputs.count)
      var first = betas
      for use in uses {
        guard let tensor = node.inputs[use.slot], let gradient = gradients[tensor] else { continue }
        if let block = use.scratch {
          let scratch = places.memory[block].reshaped(gradient.shape)
          sums.append((scratch, gradient))
          targets[use.slot] = scratch
        } else {
          targets[use.slot] = gradient
          betas[use.slot] = use.adds ? 1 : 0
          first[use.slot] = use.adds && !use.opens ? 1 : 0
        }
      }
      func step(_ betas: [Float]) -> Backward {
        Backward(
          inputs: forward.inputs, outputs: forward.outputs,
          outputGradients: node.outputs.map { gradients[$0] ?? values[$0] },
          inputGradients: targets, betas: betas)
      }
      backward = step(betas)
      opening = step(first)
    }
    return Step(
      node: node, kernel: kernel, forward: forward, backward: backward, opening: opening,
      sums: sums, changes: changes,
      unwritten: unwritten.compactMap { gradients[$0] })
  }

  /// A sum of gradients as it lies here.
  func pending(_ gradient: Tensor) -> PendingGradient {
    PendingGradient(sum: gradient, arena: arena)
  }

  /// Is told a tensor and its values, or its gradient.
  typealias Observer = (_ tensor: Int, _ values: Tensor) -> Void

  /// Reads the rows of every input and computes every node.
  package func forward(_ rows: Range<Int>) throws(RunError) {
    try forward(rows, isHeard: false) { _, _ in }
  }

  /// The same; `observe` is told each tensor while it is still in the cache.
  func forward(_ rows: Range<Int>, observe: Observer) throws(RunError) {
    try forward(rows, isHeard: true, observe)
  }

  private func forward(
    _ rows: Range<Int>, isHeard: Bool, _ observe: Observer
  ) throws(RunError) {
    for (input, feed) in inputs {
      try feed.read(rows)
      if isHeard { observe(input, feed.tensor) }
    }
    for (index, step) in steps.enumerated() where step.changes || !constantsDone {
      try naming(step.node) { () throws(OperatorError) in
        do throws(OperatorError) { try step.kernel.forward(step.forward) } catch {
          throw error.shifted(by: rows.lowerBound)
        }
      }
      if let dropout { dropout.drop(index, step.forward.outputs.first) }
      guard isHeard else { continue }
      for output in step.node.outputs { observe(output, values[output]) }
    }
    constantsDone = true
  }

  /// Carries the gradients of the predictions back; the losses have written these. Those of parameters
  /// are those of this batch alone.
  package func backward() throws(RunError) {
    try backward(opening: true, isHeard: false) { _, _ in }
  }

  /// The same; `observe` is told each tensor's gradient once it is complete.
  ///
  /// - Parameter opening: whether the gradients of parameters are those of this batch alone; else they
  ///   are added to what is there.
  func backward(opening: Bool, observe: Observer) throws(RunError) {
    try backward(opening: opening, isHeard: true, observe)
  }

  private func backward(
    opening: Bool, isHeard: Bool, _ observe: Observer
  ) throws(RunError) {
    if opening { for sum in cleared { sum.fill(0) } }
    for (index, step) in steps.enumerated().reversed() {
      guard let backward = opening ? step.opening : step.backward else { continue }
      for gradient in step.unwritten { gradient.fill(0) }
      if isHeard {
        for output in step.node.outputs {
          if let gradient = gradients[output] { observe(output, gradient) }
        }
      }
      try naming(step.node) { () throws(OperatorError) in try step.kernel.backward(backward) }
      if let dropout { dropout.carry(index, backward.inputGradients.first ?? nil) }
      for sum in step.sums { sum.gradient.add(sum.scratch) }
    }
  }
}
