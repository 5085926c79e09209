import Runs

/// Runs trials one after another on one thread, with what they have in common made once.
final class TrialRunner {
  private let search: TrialSearch
  /// Trials on the same data from the same weights take turns with one stepper.
  private var latest: (changes: Changes, stepper: Stepper)?
  /// Weights drawn anew, by draw and slot.
  private var drawn: [UInt64: [[Float]]] = [:]

  init(_ search: TrialSearch) { self.search = search }

  /// - Throws: `RunError` when the run cannot be replayed or has no optimizer.
  func run(_ changes: Changes) throws(RunError) -> Trial {
    let (data, yardstick) = search.variants.of(changes)
    let stepper = try stepper(changes, data)
    stepper.reset()
    if changes.start == .fresh { draw(changes.draw, into: stepper) }
    return try Trial(
      changes, on: data, with: stepper, yardstick, screening: search.screening,
      schedule: search.schedule)
  }

  private func stepper(
    _ changes: Changes, _ data: TrialData
  ) throws(RunError) -> Stepper {
    if let latest, latest.changes.sharesStepper(with: changes) { return latest.stepper }
    latest = nil
    let made = try Stepper(
      data.run, from: search.weights(changes.start), progress: search.progress)
    latest = (changes, made)
    return made
  }

  private func draw(_ number: UInt64, into stepper: Stepper) {
    guard let known = drawn[number] else {
      Initialization.draw(into: stepper, search.plan, seed: 3 + number)
      drawn[number] = stepper.slots.map { Array($0.values) }
      return
    }
    for (slot, values) in zip(stepper.slots, known) {
      _ = slot.values.update(fromContentsOf: values)
    }
  }
}
