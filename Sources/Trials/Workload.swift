import Operators
import Replay
import Runs
import Tensors

/// How much arithmetic one update of a run takes, by its shapes alone: probes are cut to a budget by
/// it, so that they are as long on every machine.
package enum Workload {
  /// Floating-point operations of the forward and backward pass of one batch, products counted as in
  /// a plain loop, plus what every node costs however small it is.
  package static func operations(_ run: Run, _ plan: Plan) -> Double {
    var total = 0.0
    for node in run.graph.nodes {
      total += 2e5
      let outputs = node.outputs.map { plan.operands[$0].shape }
      for shape in outputs { total += 20 * Double(shape.count) }
      // A product is a multiplication and an addition, three times over: forward, and back to either
      // factor.
      total += 6 * node.kind.products(node.inputs.map { $0.map { plan.operands[$0] } }, outputs)
    }
    return total
  }
}
