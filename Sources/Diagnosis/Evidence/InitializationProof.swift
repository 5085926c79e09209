import Trials

/// What trials from weights drawn anew say about the start that the training had.
struct InitializationProof {
  let severity: Severity
  /// A sentence with the trial's figures.
  let text: String
  let evidence: [Measure]
  /// The loss that the trial left.
  let remaining: Double

  /// - Returns: nil when there are no trials, or when a fresh start, at the run's own learning
  ///   rate, does not end decisively better than both the training and its trial.
  init?(_ exam: Examination, for rule: any Rule.Type) {
    guard let comparison = try? TrialComparison(exam, for: rule), comparison.trials.knowsStart,
      let winner = comparison.winner(comparison.fresh.filter { $0.changes.rate == 1 })
    else { return nil }
    if let same = comparison.asSet,
      !comparison.wins(comparison.loss(winner), over: comparison.loss(same))
    {
      return nil
    }
    severity = comparison.severity(winner)
    remaining = comparison.remaining(winner)
    text = """
      In trials on \(comparison.judges): \(comparison.outcome()); from weights drawn by the usual \
      scheme, \(comparison.updates(winner)) updates leave \(comparison.left(winner)).
      """
    evidence = comparison.evidence(winner)
  }
}
