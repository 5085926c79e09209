import Replay
import Runs
import Tensors

/// Starting weights drawn anew in the way that the field recommends, for a trial of a training
/// whose own start is not known, or is what is doubted.
public enum Initialization {
  /// Draws every kernel of a stepper: He's normal distribution where a rectifier follows, Glorot's
  /// uniform one elsewhere (He et al. 2015; Glorot & Bengio 2010). Scales become 1, biases 0, or evenly
  /// spread between −1 and 1 where units should differ in where they bend.
  public static func draw(
    into stepper: Stepper, _ plan: Plan, seed: UInt64 = 3, spreadBiases: Bool = false
  ) {
    var random = FixedRandom(seed: seed)
    for slot in stepper.slots {
      guard let role = plan.roles[slot.parameter.tensor] else { continue }
      switch role.kind {
      case .bias:
        for i in slot.values.indices {
          slot.values[i] = spreadBiases ? Float(2 * random.uniform() - 1) : 0
        }
      case .scale: slot.values.update(repeating: 1)
      case .kernel:
        let shape = plan.operands[slot.parameter.tensor].shape
        let layout = UnitLayout(shape, axis: role.unitAxis, batched: false)
        let fanIn = max(1, layout.outer * layout.inner)
        if feedsRectifier(slot.parameter, stepper.run) {
          let deviation = (2 / Double(fanIn)).squareRoot()
          for i in slot.values.indices { slot.values[i] = Float(random.normal() * deviation) }
        } else {
          let limit = (6 / Double(fanIn + layout.units)).squareRoot()
          for i in slot.values.indices {
            slot.values[i] = Float((2 * random.uniform() - 1) * limit)
          }
        }
      }
    }
  }

  /// Whether what the parameter makes goes into a rectifier.
  static func feedsRectifier(_ parameter: Graph.Parameter, _ run: Run) -> Bool {
    run.graph.consumers[parameter.tensor].contains { use in
      run.graph.nodes[use.node].outputs.contains { output in
        run.graph.consumers[output].contains {
          run.graph.nodes[$0.node].kind.activation.map {
            $0.rectifier || $0.range.upperBound == .infinity
          } ?? false
        }
      }
    }
  }
}
