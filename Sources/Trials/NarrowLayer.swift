import Npy
import Operators
import Replay
import Runs

/// A layer with fewer units than the layers before and after it, and everything that is as long as it
/// has units.
struct NarrowLayer {
  /// The node with its kernel.
  let node: Int
  /// Its units.
  let width: Int
  /// What comes in, and the units of the layer that it feeds.
  let before: Int
  let after: Int
  /// By name of a parameter: the axis along which the units lie.
  private let axes: [String: Int]

  /// The units that it is tried with: as many as the narrower of its neighbours has, and no fewer than
  /// a small layer has.
  var wide: Int { max(min(before, after), min(after, Self.small)) }

  private static let small = 32

  /// All narrow layers of a run, the narrowest first.
  static func all(_ run: Run, _ plan: Plan, share: Double) -> [NarrowLayer] {
    run.graph.nodes.indices.compactMap { NarrowLayer(run, plan, $0) }
      .filter { Double($0.width) <= share * Double(min($0.before, $0.after)) }
      .sorted { ($0.width, $0.node) < ($1.width, $1.node) }
  }

  /// - Returns: nil where not everything that depends on the node's units is known.
  init?(_ run: Run, _ plan: Plan, _ index: Int) {
    let graph = run.graph
    let node = graph.nodes[index]
    guard let kernel = Self.kernel(of: node, run, plan), node.outputs.count == 1 else { return nil }
    var axes = [kernel.parameter.name: kernel.units]
    width = kernel.parameter.array.shape[kernel.units]
    before = kernel.parameter.array.shape[kernel.inputs]
    guard Self.collect(node, plan, run, width, into: &axes) else { return nil }
    var output = node.outputs[0]
    while true {
      guard graph.consumers[output].count == 1, !graph.outputs.contains(output),
        !run.losses.contains(where: { $0.heads.contains(output) })
      else { return nil }
      let next = graph.nodes[graph.consumers[output][0].node]
      guard next.outputs.count == 1,
        next.inputs.compactMap({ $0 }).filter({
          plan.operands[$0].batched
        }).count == 1
      else { return nil }
      if let other = Self.kernel(of: next, run, plan) {
        guard other.parameter.array.shape[other.inputs] == width,
          axes[other.parameter.name] == nil
        else { return nil }
        axes[other.parameter.name] = other.inputs
        after = other.parameter.array.shape[other.units]
        break
      }
      guard plan.operands[next.outputs[0]].shape == plan.operands[output].shape,
        Self.collect(next, plan, run, width, into: &axes)
      else { return nil }
      output = next.outputs[0]
    }
    self.node = index
    self.axes = axes
  }

  /// The kernel of a layer that is affine in one signal, with its axes of units and of what comes in.
  private static func kernel(
    of node: Graph.Node, _ run: Run, _ plan: Plan
  ) -> (parameter: Graph.Parameter, units: Int, inputs: Int)? {
    guard node.kind.states(.affine), !node.kind.states(.takesIndices) else { return nil }
    for case let tensor? in node.inputs {
      guard let role = plan.roles[tensor], role.kind == .kernel,
        let parameter = run.graph.parameter(at: tensor), parameter.trainable,
        run.graph.consumers[tensor].count == 1
      else { continue }
      let rank = parameter.array.shape.count
      // Of a matrix the other axis, of a convolution the second.
      guard rank == 2 || role.unitAxis == 0 && rank > 2 else { return nil }
      return (parameter, role.unitAxis, 1 - role.unitAxis)
    }
    return nil
  }

  /// The parameters of a node that have one value for each unit; false where some are of another kind.
  private static func collect(
    _ node: Graph.Node, _ plan: Plan, _ run: Run, _ width: Int, into axes: inout [String: Int]
  ) -> Bool {
    let parameters = node.inputs.compactMap { $0.flatMap(run.graph.parameter(at:)) }
    let isPerUnit = parameters.contains {
      plan.roles[$0.tensor].map { $0.kind != .kernel } ?? false
    }
    for parameter in parameters where axes[parameter.name] == nil {
      let shape = parameter.array.shape
      if isPerUnit, shape == [width], run.graph.consumers[parameter.tensor].count == 1 {
        axes[parameter.name] = 0
      } else if parameter.array.count != 1 {
        return false
      }
    }
    return true
  }

  /// The run with as many units as `wide`; the values of the layer's parameters are repeated.
  ///
  /// - Throws: `RunError` when memory is short.
  func widened(_ run: Run) throws(RunError) -> Run {
    run.replacingParameters(try parameters(of: run, units: wide))
  }

  /// By name, the layer's parameters with so many units, their values repeated.
  ///
  /// - Throws: `RunError` when memory is short.
  func parameters(of run: Run, units wide: Int) throws(RunError) -> [String: NpyArray] {
    var arrays: [String: NpyArray] = [:]
    for parameter in run.graph.parameters {
      guard let axis = axes[parameter.name] else { continue }
      let old = parameter.array.shape
      var shape = old
      shape[axis] = wide
      let values = try bridging(parameter.array.floats())
      let block = FloatBlock(shape.reduce(1, *))
      let inner = old[(axis + 1)...].reduce(1, *)
      for place in block.buffer.indices {
        let (rest, column) = (place / inner, place % inner)
        let (outer, unit) = (rest / wide, rest % wide)
        block.buffer[place] = values[(outer * old[axis] + unit % old[axis]) * inner + column]
      }
      arrays[parameter.name] = try block.array(shape, name: parameter.name)
    }
    return arrays
  }
}
