import Glibc
import Operators

/// Rehearsals of a training as it was set, at other learning rates, and with other changes.
public struct Rehearsals: Sendable {
  /// What may be changed beside the learning rate.
  public struct Changes: Sendable {
    /// Inputs that may be standardized.
    public var inputs: Set<String> = []
    /// Targets that may be.
    public var targets: Set<String> = []
    /// Whether to begin with weights drawn anew.
    public var fresh = false
    /// Whether to leave penalties and weight decay out.
    public var unpenalized = false
    /// Whether to average a summed loss.
    public var averaged = false
    /// Whether to let the optimizer hold parameters that it lacks.
    public var complete = false

    /// Nothing but the learning rate.
    public init() {}
  }

  /// Updates of a full rehearsal.
  public let steps: Int
  /// Rows to judge by.
  public let judged: Int
  /// Whether these were kept from the rehearsed training.
  public let isHeldOut: Bool
  /// Whether the weights before the training are known; if not, rehearsals begin with fresh ones.
  public let knowsStart: Bool
  /// Updates of the training itself, as far as the run tells.
  public let trainedSteps: Int?
  /// The relative loss at the weights it began with.
  public let start: Double
  /// The relative loss after the training, on the same rows; nil when it was not trained.
  public let end: Double?
  /// The losses that are 1 and 0.
  public let range: LossRange
  /// All rehearsals.
  public let all: [Rehearsal]
  /// The largest curvature before the training.
  public let curvature: Curvature?

  /// Arithmetic of all rehearsals together.
  static let budget = 5e10
  /// Full rehearsals that the budget should last for.
  static let share = 16.0
  static let fewest = 30
  static let most = 1200

  /// Networks of up to so many trainable values get several fresh starts.
  static let smallNetwork = 200

  /// Updates of the first look at every learning rate, as a share of `steps`.
  static let lookShare = 16
  /// Learning rates that are looked at: powers of ten times the run's own.
  static let exponents = -3...5
  static let lowestExponent = -12
  static let changedExponents = -2...2
  static let furtherExponents = -1...2
}

/// Rehearsals, or why there are none.
public enum Rehearsed: Sendable {
  /// What was measured.
  case done(Rehearsals)
  /// Why not, as a sentence without a full stop.
  case not(String)
}

extension Rehearsals {
  /// Rehearses a run.
  ///
  /// - Parameters:
  ///   - run: the whole run.
  ///   - stage: the rows that are taken of it.
  ///   - before: the weights before the training; nil when unknown.
  ///   - after: those after it; nil when it was not trained.
  /// - Throws: `ReplayError` when the data cannot be read, or the caller cancels.
  public static func rehearse(
    _ run: Run, on stage: Stage, before: Weights?, after: Weights?, _ changes: Changes,
    workers: Int = 0,
    progress: Progress = Progress()
  ) throws(ReplayError) -> Rehearsed {
    guard let optimizer = run.training.optimizer else {
      return .not("the run does not say which optimizer it was trained with")
    }
    guard !run.losses.isEmpty else { return .not("the run has no loss") }
    guard optimizer.learningRate > 0 else { return .not("the learning rate is 0") }
    guard run.training.trainMode else {
      return .not("the run was exported in evaluation mode, and a training is rehearsed in its own")
    }
    guard let weights = before ?? after, run.samples > 1 else {
      return .not("the run has too few samples")
    }
    do throws(ReplayError) {
      let plan = try Plan(stage.run, rows: stage.batch)
      let steps = Int(min(Double(most), budget / share / Workload.operations(stage.run, plan)))
      guard steps >= fewest else {
        return .not("the network is too large for rehearsals of its training")
      }
      guard
        let range = try LossRange(
          try Stepper(stage.run, from: weights, progress: progress), stage)
      else {
        return .not("the targets are constant, or the loss has no known best constant prediction")
      }
      let stages = try Stages(stage, range, changes, weights, progress)
      let campaign = Campaign(
        stages: stages, plan: plan, before: before, after: after, fallback: weights,
        workers: workers, progress: progress, steps: steps, trained: run.updates)
      return .done(try campaign.run(changes))
    } catch {
      guard error.isReplay else { throw error }
      return .not("it cannot be rehearsed: \(error)")
    }
  }
}
