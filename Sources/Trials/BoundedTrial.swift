import Operators
import Replay
import Runs

/// A training that ran away, tried again as it was set, and once more with recurrent states that stay
/// within bounds.
public struct BoundedTrial: Sendable {
  /// Updates after which the training as set was no longer finite.
  public let updates: Int
  /// How the states grew then.
  public let growth: [StateGrowth]
  /// What the same training leaves with bounded states, of the best constant prediction's loss.
  public let left: Double
  /// Updates that it did.
  public let trained: Int

  /// Arithmetic of each of both.
  static let budget = 2e10
  static let fewest = 10
  static let most = 600

  /// Tries both.
  ///
  /// - Parameters:
  ///   - data: the rows that are taken of the run.
  ///   - before: the weights before the training; nil when unknown, and then some are drawn.
  ///   - shape: any weights, for their shapes.
  ///   - effort: factor of the arithmetic that it may take.
  /// - Returns: nil where the training as set stays finite, or the other does not, or it cannot be tried.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public init?(
    _ data: TrialData, before: Weights?, shape: Weights, effort: Double = 1, progress: Progress
  ) throws(RunError) {
    let run = data.run
    guard let optimizer = run.training.optimizer, optimizer.learningRate > 0, !run.losses.isEmpty,
      run.training.trainMode, data.trained > 1
    else { return nil }
    do throws(RunError) {
      let plan = try Plan(run, rows: data.batch)
      let steps = min(
        Double(Self.most), effort * Self.budget / Workload.operations(run, plan),
        run.updates.map { 2 * Double($0) } ?? .infinity)
      guard steps >= Double(Self.fewest) else { return nil }
      let changes = Changes().with {
        $0.start = before == nil ? .fresh : .before
        $0.steps = Int(steps)
      }
      let weights = before ?? shape
      guard
        let yardstick = try Yardstick(try Stepper(run, from: weights, progress: progress), data)
      else { return nil }
      let asSet = try Self.trial(changes, data, weights, plan, yardstick, progress)
      guard let updates = asSet.trial.diverged else { return nil }
      let bounded = try Self.trial(
        changes, data.on(run.withBoundedStates), weights, plan, yardstick, progress
      ).trial
      guard bounded.diverged == nil else { return nil }
      self.updates = updates
      growth = try StateGrowth.all(asSet.stepper, plan)
      left = bounded.end
      trained = bounded.updates.last ?? 0
    } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }

  private static func trial(
    _ changes: Changes, _ data: TrialData, _ weights: Weights, _ plan: Plan, _ yardstick: Yardstick,
    _ progress: Progress
  ) throws(RunError) -> (trial: Trial, stepper: Stepper) {
    let stepper = try Stepper(data.run, from: weights, progress: progress)
    if changes.start == .fresh { Initialization.draw(into: stepper, plan) }
    let trial = try Trial(
      changes, on: data, with: stepper, yardstick, screening: max(8, changes.steps / 16))
    // The batch that was not finite is the last of its size, unless the loss was judged after it.
    return (trial, stepper)
  }
}
