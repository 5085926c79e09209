import Operators
import Runs
import Tensors

/// Where the tensors of an executor lie in its arena. Values live for the whole batch, because the
/// backward pass reads them, except those that are written over (`SharedValues`); the memory of a
/// gradient is used again once its producer has run.
struct TensorLayout {
  /// One gradient that a node's backward step makes.
  struct Use {
    /// Which input of the node.
    let slot: Int
    /// Whether something is there already that must be added to.
    let adds: Bool
    /// Whether that is the sum of earlier batches alone: the first batch of a sum may write.
    let opens: Bool
    /// The block in which the kernel writes what is added then; nil where it adds by itself.
    let scratch: Int?
  }

  /// By node: what its backward step makes; empty when it need not run.
  private(set) var uses: [[Use]]
  /// By node: outputs whose gradient nobody writes, and which is zero therefore.
  private(set) var unwritten: [[Int]]
  /// Parameters whose sum of gradients must be zero before the first batch.
  private(set) var cleared: [Int] = []
  /// Bytes of the whole arena.
  private(set) var bytes = 0
  private let run: Run
  private let plan: Plan
  /// By tensor: how its values and its gradient lie in memory.
  let orders: [TensorOrder]
  /// By tensor: the one whose memory its values take.
  private let homes: [Int]
  /// By tensor: the block of its gradient.
  private var blocks: [Int?]
  private var blockSizes: [Int] = []

  /// - Parameters:
  ///   - flow: which gradients are computed; nil where there is no backward pass.
  ///   - exposed: tensors that somebody reads after the forward pass, besides the heads of losses and
  ///     the outputs.
  init(_ run: Run, _ plan: Plan, _ flow: GradientFlow?, exposed: [Int] = []) {
    self.run = run
    self.plan = plan
    orders = Orders(run, plan, exposed: exposed).orders
    homes = SharedValues(run, plan, orders, kept: exposed, flow).homes
    let graph = run.graph
    uses = [[Use]](repeating: [], count: graph.nodes.count)
    unwritten = [[Int]](repeating: [], count: graph.nodes.count)
    blocks = [Int?](repeating: nil, count: graph.tensors.count)
    var isParameter = [Bool](repeating: false, count: graph.tensors.count)
    for parameter in graph.parameters { isParameter[parameter.tensor] = true }
    for (tensor, operand) in plan.operands.enumerated()
    where !isParameter[tensor] && homes[tensor] == tensor {
      bytes += Arena.bytes(operand.shape.count)
    }
    guard let flow else { return }
    var free: [Int] = []
    var written = [Bool](repeating: false, count: graph.tensors.count)
    var met = Set<Int>()
    for parameter in graph.parameters where flow.wanted[parameter.tensor] {
      blocks[parameter.tensor] = newBlock(plan.operands[parameter.tensor].shape.count)
      written[parameter.tensor] = true
    }
    for head in run.losses.flatMap(\.heads) where flow.wanted[head] && !written[head] {
      blocks[head] = newBlock(plan.operands[head].shape.count)
      written[head] = true
    }
    for (index, node) in graph.nodes.enumerated().reversed() {
      guard node.outputs.contains(where: { flow.wanted[$0] }) else { continue }
      for output in node.outputs where blocks[output] == nil {
        // An output that no loss depends on, beside one that does.
        unwritten[index].append(output)
        blocks[output] = take(plan.operands[output].shape.count, from: &free)
      }
      let heir = heir(of: node, flow)
      if let heir { blocks[heir] = blocks[node.outputs[0]] }
      for (slot, input) in node.inputs.enumerated() {
        guard let input, flow.wanted[input] else { continue }
        if blocks[input] == nil {
          blocks[input] = take(plan.operands[input].shape.count, from: &free)
        }
        let adds = written[input]
        written[input] = true
        // A node that has a parameter twice may write in any order.
        let once = node.inputs.count { $0 == input } == 1
        let isFirst = isParameter[input] && met.insert(input).inserted
        let opens = isFirst && type(of: node.kind).info.accumulates && once
        if isFirst && !opens { cleared.append(input) }
        var scratch: Int?
        if adds && !type(of: node.kind).info.accumulates {
          scratch = take(plan.operands[input].shape.count, from: &free)
        }
        uses[index].append(Use(slot: slot, adds: adds, opens: opens, scratch: scratch))
      }
      free += uses[index].compactMap(\.scratch)
      for (place, output) in node.outputs.enumerated() where place > 0 || heir == nil {
        if let block = blocks[output] { free.append(block) }
      }
    }
    met.formUnion(run.losses.flatMap(\.heads))
    cleared += graph.parameters.map(\.tensor).filter { flow.wanted[$0] && !met.contains($0) }
    bytes += blockSizes.reduce(0) { $0 + Arena.bytes($1) }
  }

  /// The input whose gradient takes the memory of the output's gradient.
  private func heir(of node: Graph.Node, _ flow: GradientFlow) -> Int? {
    let output = node.outputs[0]
    let slots = node.kind.states(.reshapes) ? [node.inputs.first ?? nil] : node.inputs
    guard node.kind.states(.reshapes) || node.kind.states(.worksInPlace) else { return nil }
    for case let input? in slots
    where flow.wanted[input] && blocks[input] == nil && orders[input] == orders[output] {
      let once = node.inputs.count { $0 == input } == 1
      let (shape, other) = (plan.operands[input].shape, plan.operands[output].shape)
      if once && (shape == other || node.kind.states(.reshapes)) { return input }
    }
    return nil
  }

  private mutating func newBlock(_ count: Int) -> Int {
    blockSizes.append(count)
    return blockSizes.count - 1
  }

  /// The free block that fits best, or a new one.
  private mutating func take(_ count: Int, from free: inout [Int]) -> Int {
    let fitting = free.indices.filter { blockSizes[free[$0]] >= count }
    guard let best = fitting.min(by: { blockSizes[free[$0]] < blockSizes[free[$1]] }) else {
      return newBlock(count)
    }
    return free.remove(at: best)
  }

  /// The tensors of an executor in its arena.
  struct Places {
    /// By tensor.
    let values: [Tensor]
    /// By tensor; nil where there is none.
    let gradients: [Tensor?]
    /// By block.
    let memory: [Tensor]
  }

  /// Cuts the tensors off the arena.
  func place(in arena: Arena, _ weights: Weights) throws(TensorError) -> Places {
    var own: [Int: Tensor] = [:]
    for (tensor, operand) in plan.operands.enumerated() where homes[tensor] == tensor {
      if let weight = weights.tensors[tensor] {
        own[tensor] = weight
      } else {
        own[tensor] = try arena.tensor(operand.shape)
      }
    }
    let values = plan.operands.indices.compactMap {
      own[homes[$0]]?.reshaped(plan.operands[$0].shape)
    }
    var memory: [Tensor] = []
    for size in blockSizes { memory.append(try arena.tensor(try Shape([size]))) }
    let gradients = blocks.enumerated().map { tensor, block in
      block.map { memory[$0].reshaped(plan.operands[tensor].shape) }
    }
    return Places(values: values, gradients: gradients, memory: memory)
  }
}
