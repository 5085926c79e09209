import Trials

/// What the settings are to the end of the training, for the head of a report.
public struct LoopStatement: Sendable, Equatable {
  /// Whether the same training, from the same start, ends where the user's did.
  public enum Kind: String, Sendable, CaseIterable {
    /// It does.
    case settings
    /// It ends elsewhere, and no better.
    case harmless
    /// It ends decisively better: the loop did something else.
    case otherLoop = "other-loop"
  }

  /// Which of the three.
  public let kind: Kind
  /// One sentence.
  public let text: String

  /// A statement of its parts.
  public init(kind: Kind, text: String) { (self.kind, self.text) = (kind, text) }

  /// - Returns: nil where the training was not played again.
  init?(_ exam: Examination) {
    guard let comparison = try? LoopComparison(exam) else { return nil }
    let trials = comparison.trials
    let ends =
      comparison.isWhole
      ? "ends at a loss of \(comparison.loss(trials.asSet))"
      : "comes to a loss of \(comparison.loss(trials.asSet)) in \(trials.updates.played) batches"
    switch trials.explanation {
    case .settings:
      kind = .settings
      text = """
        The same training from the same start \(ends), and yours ended at \(comparison.ended): what \
        follows is about its settings.
        """
    case .harmless:
      kind = .harmless
      text = """
        The same training from the same start \(ends), and yours ended at \(comparison.ended): \
        something that is not handed over had a part in it.
        """
    case .otherLoop:
      kind = .otherLoop
      text = """
        The same training from the same start \(ends), and yours ended at \(comparison.ended): the \
        loop did something else than its settings say, so no advice about settings is given.
        """
    }
  }
}
