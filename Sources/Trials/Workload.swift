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
      for tensor in node.outputs { total += 20 * Double(plan.operands[tensor].shape.count) }
      for case let tensor? in node.inputs {
        guard let role = plan.roles[tensor], role.kind == .kernel else { continue }
        let shape = plan.operands[tensor].shape
        let units = UnitLayout(shape, axis: role.unitAxis, batched: false).units
        // Every output value takes as many products as its unit has weights, three times over.
        let outputs = node.outputs.first.map { plan.operands[$0].shape.count } ?? 0
        total += 6 * Double(outputs) * Double(shape.count) / Double(max(1, units))
      }
    }
    return total
  }
}
