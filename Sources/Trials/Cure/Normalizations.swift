import Replay
import Runs
import Tensors

/// Running statistics of batch normalizations for weights that were trained anew.
enum Normalizations {
  /// Takes them from all rows to train on as one batch.
  static func measure(
    _ data: TrialData, _ stepper: Stepper, into values: inout [String: [Float]]
  ) throws(RunError) {
    let run = data.run
    let nodes = run.graph.nodes.filter {
      $0.kind.states(.normalizesBatch) && $0.inputs.count == 5 && $0.kind.evaluating != nil
    }
    guard !nodes.isEmpty else { return }
    let rows = min(data.trained, rowLimit)
    _ = try stepper.dataLoss(0..<rows)
    let plan = try Plan(run, rows: rows)
    for node in nodes {
      guard let input = node.inputs[0],
        let mean = node.inputs[3].flatMap(run.graph.parameter(at:)),
        let variance = node.inputs[4].flatMap(run.graph.parameter(at:))
      else { continue }
      let layout = UnitLayout(
        plan.operands[input].shape, axis: 1, order: stepper.order(of: input))
      let own = stepper.value(of: input)
      var (means, variances) = ([Float](), [Float]())
      for unit in 0..<layout.units {
        var (sum, square, count) = (0.0, 0.0, 0.0)
        for outer in 0..<layout.outer {
          let start = layout.run(unit, outer)
          for place in 0..<layout.inner {
            let value = Double(own[start + place * layout.step])
            sum += value
            square += value * value
            count += 1
          }
        }
        let average = count > 0 ? sum / count : 0
        means.append(Float(average))
        variances.append(Float(max(0, count > 0 ? square / count - average * average : 0)))
      }
      values[mean.name] = means
      values[variance.name] = variances
    }
  }

  private static let rowLimit = 1024
}
