/// Rehearses scripts one after another on one thread, with what they have in common made once.
final class Rehearser {
  private let campaign: Campaign
  /// Scripts on the same data from the same weights take turns with one stepper.
  private var latest: (script: Rehearsal.Script, stepper: Stepper)?
  /// Weights drawn anew, by draw and slot.
  private var drawn: [UInt64: [[Float]]] = [:]

  init(_ campaign: Campaign) { self.campaign = campaign }

  /// - Throws: `ReplayError` when the run cannot be replayed or has no optimizer.
  func perform(_ script: Rehearsal.Script) throws(ReplayError) -> Rehearsal {
    let (stage, range) = campaign.stages.of(script)
    let stepper = try stepper(script, stage)
    stepper.reset()
    if script.start == .fresh { draw(script.draw, into: stepper) }
    return try Rehearsal(script, on: stage, with: stepper, range, look: campaign.look)
  }

  private func stepper(
    _ script: Rehearsal.Script, _ stage: Stage
  ) throws(ReplayError) -> Stepper {
    if let latest, latest.script.sharesStepper(with: script) { return latest.stepper }
    latest = nil
    let made = try Stepper(
      stage.run, from: campaign.weights(script.start), progress: campaign.progress)
    latest = (script, made)
    return made
  }

  private func draw(_ number: UInt64, into stepper: Stepper) {
    guard let known = drawn[number] else {
      FreshStart.draw(into: stepper, campaign.plan, seed: 3 + number)
      drawn[number] = stepper.slots.map { Array($0.values) }
      return
    }
    for (slot, values) in zip(stepper.slots, known) {
      _ = slot.values.update(fromContentsOf: values)
    }
  }
}
