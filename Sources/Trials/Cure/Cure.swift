import Replay
import Runs

/// What brought a network back, or how far the best that was tried went: trainings with changes, from
/// the run's own start and with its own optimizer, judged by the task's score.
public struct Cure: Sendable {
  /// A change that was proposed.
  public struct Proposal: Sendable {
    /// The change.
    public let change: Change
    /// The rule whose finding asks for it; nil where any training may be tried with it.
    public let rule: String?

    /// A proposal.
    public init(_ change: Change, rule: String? = nil) { (self.change, self.rule) = (change, rule) }
  }

  /// Changes that were played together.
  public struct Attempt: Sendable {
    /// The changes.
    public let changes: [Change]
    /// Scores, one for each order of the rows and draw of weights.
    public let scores: [Double]

    /// Their mean.
    public var mean: Double { scores.reduce(0, +) / Double(max(1, scores.count)) }
  }

  /// One of the changes that cure.
  public struct Part: Sendable {
    /// The change.
    public let change: Change
    /// The rule that asked for it; nil for none.
    public let rule: String?
    /// What all others come to without it.
    public let without: Attempt
  }

  /// What came of it.
  public enum Outcome: String, Sendable, CaseIterable {
    /// The changes bring the network back, in every order and draw.
    case cured
    /// They help, and much is left.
    case helped
    /// Nothing that was tried does better.
    case none
  }

  /// What came of it.
  public let outcome: Outcome
  /// Whether scores are balanced accuracies; else shares of the variance (R²).
  public let isAccuracy: Bool
  /// Rows that are judged by, and whether these are kept from the training.
  public let judged: (rows: Int, isHeldOut: Bool)
  /// Updates of a training, and those of the run; nil when unknown.
  public let updates: (played: Int, trained: Int?)
  /// The score of the weights after the training; nil where there was none.
  public let before: Double?
  /// The same training again.
  public let asSet: Attempt
  /// The smallest set of changes that brings it back; the best one where nothing does.
  public let best: Attempt
  /// Those changes, in the order of what they are worth.
  public let parts: [Part]
  /// How the same training again went, and the one with the changes where they help.
  public let courses: [Course]
  /// Single changes that do not bring it back by themselves, the best first.
  public let tried: [Attempt]
  /// Changes that cannot be made in this run, and why.
  public let failed: [(change: Change, problem: String)]
  /// The weights of one of these trainings; nil where nothing does better.
  public let revived: Revived?
}

/// A cure, or why none was looked for.
public enum CureOutcome: Sendable {
  /// What was tried.
  case done(Cure)
  /// Why nothing was, as a sentence without a full stop.
  case not(String)
}

extension Cure {
  /// Looks for the smallest change that revives a run.
  ///
  /// - Parameters:
  ///   - run: the run as it was opened.
  ///   - data: the rows that are taken of it.
  ///   - knowsStart: whether the weights before the training are known; fresh ones are drawn if not.
  ///   - isTrained: whether there was a training.
  ///   - proposals: changes to try, the most specific first.
  ///   - effort: factor of the arithmetic that it may take.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public static func search(
    _ run: Run, on data: TrialData, knowsStart: Bool, isTrained: Bool, _ proposals: [Proposal],
    effort: Double = 1, workers: Int = 0, progress: Progress = Progress()
  ) throws(RunError) -> CureOutcome {
    guard let optimizer = run.training.optimizer else {
      return .not("the run does not say which optimizer it was trained with")
    }
    guard !run.losses.isEmpty else { return .not("the run has no loss") }
    guard optimizer.learningRate > 0 else { return .not("the learning rate is 0") }
    guard run.training.trainMode else { return .not("the run was exported in evaluation mode") }
    guard run.origin != nil else { return .not("the run was derived from another") }
    guard run.samples > 1 else { return .not("the run has too few samples") }
    do throws(RunError) {
      guard let size = try CureSize(run, data, proposals, effort: effort) else {
        return .not("the network is too large for its training to be tried so often")
      }
      let data = size.data
      let plan = try Plan(data.run, rows: data.batch)
      guard let score = try TaskScore(data, plan) else {
        return .not("the targets have another form than the predictions")
      }
      let start = try Stepper(data.run, from: try Weights(data.run, at: .initial))
      let skill = score.skill(try score.score(start, data, [:]))
      let search = CureSearch(
        run: run, data: data, plan: plan, score: score, knowsStart: knowsStart,
        isTrained: isTrained, isRandomStart: knowsStart && skill < CureSearch.known,
        steps: size.steps, schedule: try run.schedule,
        proposals: size.proposals, combines: size.combines, workers: workers,
        progress: progress)
      return .done(try search.find())
    } catch {
      guard error.isReplay else { throw error }
      return .not("it cannot be tried again: \(error)")
    }
  }
}
