import Trials

/// What would cure a run, for people and programs: what brought it back in trials, and what did not.
public struct CureStatement: Sendable {
  /// What came of the search.
  public enum Outcome: String, Sendable, CaseIterable {
    /// The changes bring the network back, in every order of the rows and draw of weights.
    case cured
    /// They help, and much is left.
    case helped
    /// Nothing that was tried does better.
    case none
    /// Nothing could be tried.
    case notTried = "not-tried"
  }

  /// One of the changes.
  public struct Change: Sendable {
    /// In words.
    public let text: String
    /// As lines of code, in the terms of the run's framework.
    public let code: String
    /// The rule whose finding asked for it; nil for none.
    public let rule: String?
    /// Scores without it and with all others.
    public let without: [Double]

    /// A change of its parts.
    public init(text: String, code: String, rule: String?, without: [Double]) {
      (self.text, self.code, self.rule, self.without) = (text, code, rule, without)
    }
  }

  /// Something else that was tried, alone.
  public struct Attempt: Sendable {
    /// In words.
    public let text: String
    /// Scores.
    public let scores: [Double]

    /// An attempt of its parts.
    public init(text: String, scores: [Double]) { (self.text, self.scores) = (text, scores) }
  }

  /// How the score of a training went.
  public struct Course: Sendable, Equatable {
    /// What training it is, in words.
    public let name: String
    /// Updates that were made before each score.
    public let updates: [Int]
    /// Scores, at least −1.
    public let scores: [Double]

    /// A course of its parts.
    public init(name: String, updates: [Int], scores: [Double]) {
      (self.name, self.updates, self.scores) = (name, updates, scores)
    }
  }

  /// Something that was not tried.
  public struct Untried: Sendable {
    /// What: a rule's id, or a change in words.
    public let what: String
    /// Why not.
    public let reason: String

    /// An entry of its parts.
    public init(what: String, reason: String) { (self.what, self.reason) = (what, reason) }
  }

  /// What came of the search.
  public let outcome: Outcome
  /// One or two sentences.
  public let text: String
  /// What a score is: `R²` or `balanced accuracy`; empty where nothing was tried.
  public let score: String
  /// Rows that are judged by, and whether they are kept from the training.
  public let judged: (rows: Int, isHeldOut: Bool)
  /// Updates of every training that was tried.
  public let updates: Int
  /// The score of the weights after the training; nil without one.
  public let before: Double?
  /// Scores of the same training done again.
  public let asSet: [Double]
  /// Scores with the changes, one for each order of the rows and draw of weights.
  public let after: [Double]
  /// The changes, what is worth the most first; empty where none helps.
  public let changes: [Change]
  /// The same training again, and the one with the changes, score by score.
  public let courses: [Course]
  /// What else was tried, the best first.
  public let tried: [Attempt]
  /// What was not tried.
  public let notTried: [Untried]
  /// The loss over all rows with the weights that one of these trainings ended with; nil without any.
  public let loss: Double?
  /// What data must go through before these weights fit it, as lines of code.
  public let additions: [String]

  /// What the change that a rule asked for is worth: by how much the score falls without it. A change that
  /// is all of the cure is worth the whole gain.
  func worth(of rule: String) -> Double {
    func mean(_ scores: [Double]) -> Double? {
      scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
    }
    guard outcome == .cured, let reached = mean(after) else { return 0 }
    let gains = changes.filter { $0.rule == rule }.map { change in
      reached - max(-1, mean(change.without) ?? before ?? mean(asSet) ?? reached)
    }
    return max(0, gains.max() ?? 0)
  }

  /// A statement of its parts.
  public init(
    outcome: Outcome, text: String, score: String, judged: (rows: Int, isHeldOut: Bool),
    updates: Int, before: Double?, asSet: [Double], after: [Double], changes: [Change],
    courses: [Course], tried: [Attempt], notTried: [Untried], loss: Double?, additions: [String]
  ) {
    (self.outcome, self.text, self.score) = (outcome, text, score)
    (self.judged, self.updates, self.before) = (judged, updates, before)
    (self.asSet, self.after, self.changes) = (asSet, after, changes)
    self.courses = courses
    (self.tried, self.notTried, self.loss) = (tried, notTried, loss)
    self.additions = additions
  }

  /// Nothing could be tried.
  init(reason: String, _ untried: [Untried]) {
    self.init(
      outcome: .notTried, text: "No cure was looked for: \(reason).", score: "", judged: (0, false),
      updates: 0, before: nil, asSet: [], after: [], changes: [], courses: [],
      tried: [], notTried: untried,
      loss: nil, additions: [])
  }
}
