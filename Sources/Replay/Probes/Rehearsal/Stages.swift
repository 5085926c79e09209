/// The stages that scripts ask for, each with its own range of losses.
struct Stages: Sendable {
  private let plain: (Stage, LossRange)
  private let inputs: (Stage, LossRange)?
  private let targets: (Stage, LossRange)?
  private let both: (Stage, LossRange)?

  init(
    _ stage: Stage, _ range: LossRange, _ changes: Rehearsals.Changes, _ weights: Weights,
    _ progress: Progress
  ) throws(ReplayError) {
    func scaled(_ names: Set<String>) throws(ReplayError) -> (Stage, LossRange)? {
      guard !names.isEmpty else { return nil }
      let other = try stage.standardized(names)
      guard
        let range = try LossRange(try Stepper(other.run, from: weights, progress: progress), other)
      else {
        return nil
      }
      return (other, range)
    }
    plain = (stage, range)
    inputs = try scaled(changes.inputs)
    targets = try scaled(changes.targets)
    both =
      changes.inputs.isEmpty || changes.targets.isEmpty
      ? nil : try scaled(changes.inputs.union(changes.targets))
  }

  func of(_ script: Rehearsal.Script) -> (Stage, LossRange) {
    switch (script.scaledInputs, script.scaledTargets) {
    case (true, true): both ?? plain
    case (true, false): inputs ?? plain
    case (false, true): targets ?? plain
    case (false, false): plain
    }
  }

  /// The scripts with data changed that there are stages for.
  var changed: [Rehearsal.Script] {
    var result: [Rehearsal.Script] = []
    if inputs != nil { result.append(Rehearsal.Script().with { $0.scaledInputs = true }) }
    if targets != nil { result.append(Rehearsal.Script().with { $0.scaledTargets = true }) }
    if both != nil {
      result.append(
        Rehearsal.Script().with {
          $0.scaledInputs = true
          $0.scaledTargets = true
        })
    }
    return result
  }
}
