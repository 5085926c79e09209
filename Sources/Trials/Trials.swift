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
  /// Rows of a batch of the trials, where these are fewer than the training's; nil for as many.
  public let shrunkBatch: Int?
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
  /// By what was done: the same with the batches in other orders, of trials that may lead a report.
  public let repeats: [Changes: [Trial]]
  /// The largest curvature before the training.
  public let curvature: Curvature?

  /// Arithmetic of all trials together: at least so much, and of larger data what this many replays
  /// take, up to a limit.
  static let budget = 5e10
  static let replays = 2.0
  static let highestBudget = 1e12
  /// The smallest batch that trials shrink to before they are given up.
  static let smallestBatch = 16
  /// Full trials that the budget should last for.
  static let share = 16.0
  static let fewest = 30
  /// Orders of the batches that a figure which leads is taken over.
  static let orders = 3
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
  /// There are none because every update takes too long.
  static let tooLarge = TrialOutcome.not("the network is too large for trials of its training")

  /// Whether that is why.
  public var isTooLarge: Bool {
    guard case .not(let reason) = self, case .not(let large) = Self.tooLarge else { return false }
    return reason == large
  }

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
  ///   - effort: factor of the arithmetic that they may take.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public static func run(
    _ run: Run, on whole: TrialData, before: Weights?, after: Weights?, _ scope: TrialScope,
    effort: Double = 1, workers: Int = 0, progress: Progress = Progress()
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
      guard let (data, plan, steps) = try size(run, whole, effort) else { return .tooLarge }
      guard
        let yardstick = try Yardstick(
          try Stepper(data.run, from: weights, progress: progress), data)
      else {
        return .not("the targets are constant, or the loss has no known best constant prediction")
      }
      let variants = try TrialDataVariants(data, yardstick, scope, weights, progress)
      let search = TrialSearch(
        variants: variants, plan: plan, before: before, after: after, fallback: weights,
        workers: workers, progress: progress, steps: steps, trained: run.updates,
        schedule: try run.schedule)
      return .done(try search.run(scope))
    } catch {
      guard error.isReplay else { throw error }
      return .not("it cannot be tried again: \(error)")
    }
  }

  /// The data in batches that the budget lasts for, with its plan and the updates of a full trial; nil
  /// where the smallest are too large.
  private static func size(
    _ run: Run, _ data: TrialData, _ effort: Double
  ) throws(RunError) -> (TrialData, Plan, steps: Int)? {
    var (sized, rows) = (data, data.batch)
    while true {
      let plan = try Plan(sized.run, rows: rows)
      let work = Workload.operations(sized.run, plan) * Double(run.training.accumulation ?? 1)
      let replays = replays * work * (Double(run.samples) / Double(rows)).rounded(.up)
      let all = effort * max(budget, min(replays, highestBudget))
      let steps = Int(min(Double(most), all / share / work))
      if steps >= fewest {
        if rows < data.batch { sized = data.shrunk(batch: rows, steps: steps) }
        return (sized, plan, steps)
      }
      guard rows > smallestBatch else { return nil }
      rows = max(smallestBatch, rows / 2)
    }
  }
}
