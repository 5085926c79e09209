import Glibc
import Operators
import Replay
import Runs

/// Trials of a training as it was set, at other learning rates, and with other changes.
public struct Trials: Sendable {
  /// Updates of a full trial.
  public let steps: Int
  /// Rows to judge by.
  public let judged: Int
  /// Whether these were kept from the training of the trials.
  public let isHeldOut: Bool
  /// Whether the weights before the training are known; if not, trials begin with fresh ones.
  public let knowsStart: Bool
  /// Updates of the training itself, as far as the run tells.
  public let trainedSteps: Int?
  /// The relative loss at the weights it began with.
  public let start: Double
  /// The relative loss after the training, on the same rows; nil when it was not trained.
  public let end: Double?
  /// The losses that are 1 and 0.
  public let yardstick: Yardstick
  /// All trials.
  public let all: [Trial]
  /// The largest curvature before the training.
  public let curvature: Curvature?

  /// Arithmetic of all trials together.
  static let budget = 5e10
  /// Full trials that the budget should last for.
  static let share = 16.0
  static let fewest = 30
  static let most = 1200

  /// Networks of up to so many trainable values get several fresh starts.
  static let smallNetwork = 200

  /// Updates of the screening at every learning rate, as a share of `steps`.
  static let screeningShare = 16
  /// Learning rates that are screened at: powers of ten times the run's own.
  static let exponents = -3...5
  static let lowestExponent = -12
  static let changedExponents = -2...2
  static let furtherExponents = -1...2
}

/// Trials, or why there are none.
public enum TrialOutcome: Sendable {
  /// What was measured.
  case done(Trials)
  /// Why not, as a sentence without a full stop.
  case not(String)
}

extension Trials {
  /// Tries the training of a run again.
  ///
  /// - Parameters:
  ///   - run: the whole run.
  ///   - data: the rows that are taken of it.
  ///   - before: the weights before the training; nil when unknown.
  ///   - after: those after it; nil when it was not trained.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public static func run(
    _ run: Run, on data: TrialData, before: Weights?, after: Weights?, _ scope: TrialScope,
    workers: Int = 0, progress: Progress = Progress()
  ) throws(RunError) -> TrialOutcome {
    guard let optimizer = run.training.optimizer else {
      return .not("the run does not say which optimizer it was trained with")
    }
    guard !run.losses.isEmpty else { return .not("the run has no loss") }
    guard optimizer.learningRate > 0 else { return .not("the learning rate is 0") }
    guard run.training.trainMode else {
      return .not("the run was exported in evaluation mode, and a training is tried in its own")
    }
    guard let weights = before ?? after, run.samples > 1 else {
      return .not("the run has too few samples")
    }
    do throws(RunError) {
      let plan = try Plan(data.run, rows: data.batch)
      let steps = Int(min(Double(most), budget / share / Workload.operations(data.run, plan)))
      guard steps >= fewest else {
        return .not("the network is too large for trials of its training")
      }
      guard
        let yardstick = try Yardstick(
          try Stepper(data.run, from: weights, progress: progress), data)
      else {
        return .not("the targets are constant, or the loss has no known best constant prediction")
      }
      let variants = try TrialDataVariants(data, yardstick, scope, weights, progress)
      let search = TrialSearch(
        variants: variants, plan: plan, before: before, after: after, fallback: weights,
        workers: workers, progress: progress, steps: steps, trained: run.updates)
      return .done(try search.run(scope))
    } catch {
      guard error.isReplay else { throw error }
      return .not("it cannot be tried again: \(error)")
    }
  }
}
