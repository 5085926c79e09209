import Operators
import Runs
import Tensors

/// Adds the tensors of one batch size to the vitals while they are in the cache.
struct UnitObserver {
  private let layouts: [UnitLayout]
  private let flats: [UnitMoments.Flat]

  init(_ run: Run, _ executor: Executor) {
    let plan = executor.plan
    layouts = plan.operands.indices.map {
      UnitLayout(plan.operands[$0].shape, axis: plan.unitAxes[$0], order: executor.orders[$0])
    }
    flats = run.graph.tensors.indices.map { tensor in
      var flat = UnitMoments.Flat()
      for use in run.graph.consumers[tensor] where use.slot == 0 {
        let activation = run.graph.nodes[use.node].kind.activation
        if let below = activation?.flatBelow { flat.below = Float(below) }
        if let above = activation?.flatAbove { flat.above = Float(above) }
      }
      return flat
    }
  }

  func forward(
    _ tensor: Int, _ value: Tensor, _ firstSample: Int, _ vitals: inout ReplayVitals
  ) {
    vitals.activations[tensor]?.observe(
      value, layouts[tensor], flats[tensor], firstSample: firstSample)
  }

  func backward(_ tensor: Int, _ gradient: Tensor, _ vitals: inout ReplayVitals) {
    vitals.gradients[tensor]?.observe(gradient, layouts[tensor])
  }
}
