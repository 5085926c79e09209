import Operators
import Runs

/// The optimizer of a run at work on the slots of a stepper.
struct Updater {
  private var optimizers: [any Optimizer] = []
  private var states: [OptimizerState] = []
  /// The learning rates that a schedule multiplies.
  private var rates: [Double] = []
  /// Slots that no update moves.
  var spared: Set<Int> = []

  /// - Throws: `RunError.loss` when a setting of the optimizer is wrong.
  init(_ stepper: Stepper, _ changes: Changes) throws(RunError) {
    guard var settings = stepper.run.training.optimizer else { return }
    if changes.complete { settings.missing = [] }
    if !changes.penalized { settings.numbers["weight_decay"] = nil }
    for slot in stepper.slots {
      do throws(OperatorError) {
        var optimizer = try settings.optimizer(for: slot.parameter.name)
        optimizer.learningRate *= changes.rate
        rates.append(optimizer.learningRate)
        optimizers.append(optimizer)
        states.append(optimizer.makeState(count: slot.values.count))
      } catch { throw .loss("training.optimizer", kind: settings.kind, error) }
    }
  }

  /// By slot, what the run's optimizer multiplies gradients by once its averages have settled, from the
  /// second moments over the first batches; nil without an optimizer.
  ///
  /// - Throws: `RunError` when the run cannot be replayed.
  static func factors(
    _ stepper: Stepper, _ data: TrialData, updates: Int
  ) throws(RunError) -> [[Float]]? {
    let updater = try Updater(stepper, Changes())
    guard updater.optimizers.count == stepper.slots.count else { return nil }
    var squares = stepper.slots.map { [Double](repeating: 0, count: $0.values.count) }
    let batches = max(1, min(momentBatches, data.trained / data.batch))
    for index in 0..<batches {
      let start = index * data.batch
      _ = try stepper.gradient(start..<(start + data.batch))
      for slot in squares.indices {
        let gradient = stepper.gradient(of: slot)
        for i in gradient.indices {
          squares[slot][i] += Double(gradient[i]) * Double(gradient[i]) / Double(batches)
        }
      }
    }
    return squares.indices.map { slot in
      updater.optimizers[slot].preconditioner(secondMoment: squares[slot], updates: updates)
        .map { Float($0) }
    }
  }

  private static let momentBatches = 8

  /// Sets all learning rates to a share of those it began with.
  mutating func scaleRates(_ share: Double) {
    for index in optimizers.indices { optimizers[index].learningRate = rates[index] * share }
  }

  /// One update by the gradients of the last batch, times a factor.
  mutating func update(_ stepper: Stepper, factor: Double) throws(RunError) {
    for index in 0..<min(stepper.slots.count, optimizers.count) where !spared.contains(index) {
      // Not the slot itself: a copy of it counts references.
      let values = stepper.slots[index].values
      let gradient = stepper.gradient(of: index)
      if factor != 1 { for i in gradient.indices { gradient[i] *= Float(factor) } }
      do throws(OperatorError) {
        try optimizers[index].step(
          values, gradient: UnsafeBufferPointer(gradient), state: &states[index])
      } catch { throw .loss("training.optimizer", kind: "update", error) }
    }
  }
}
