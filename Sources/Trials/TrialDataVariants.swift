import Replay
import Runs

/// The data that trials ask for: as it is, and with inputs or targets standardized, each with its own yardstick.
struct TrialDataVariants: Sendable {
  private let plain: (TrialData, Yardstick)
  private let inputs: (TrialData, Yardstick)?
  private let targets: (TrialData, Yardstick)?
  private let both: (TrialData, Yardstick)?

  init(
    _ data: TrialData, _ yardstick: Yardstick, _ scope: TrialScope, _ weights: Weights,
    _ progress: Progress
  ) throws(RunError) {
    func scaled(_ names: Set<String>) throws(RunError) -> (TrialData, Yardstick)? {
      guard !names.isEmpty else { return nil }
      let other = try data.standardized(names)
      guard
        let yardstick = try Yardstick(
          try Stepper(other.run, from: weights, progress: progress), other)
      else {
        return nil
      }
      return (other, yardstick)
    }
    plain = (data, yardstick)
    inputs = try scaled(scope.inputs)
    targets = try scaled(scope.targets)
    both =
      scope.inputs.isEmpty || scope.targets.isEmpty
      ? nil : try scaled(scope.inputs.union(scope.targets))
  }

  func of(_ changes: Changes) -> (TrialData, Yardstick) {
    switch (changes.scaledInputs, changes.scaledTargets) {
    case (true, true): both ?? plain
    case (true, false): inputs ?? plain
    case (false, true): targets ?? plain
    case (false, false): plain
    }
  }

  /// The plans with data changed that there are variants for.
  var changed: [Changes] {
    var result: [Changes] = []
    if inputs != nil { result.append(Changes().with { $0.scaledInputs = true }) }
    if targets != nil { result.append(Changes().with { $0.scaledTargets = true }) }
    if both != nil {
      result.append(
        Changes().with {
          $0.scaledInputs = true
          $0.scaledTargets = true
        })
    }
    return result
  }
}
