import Trials

/// What trials on standardized inputs or targets say about scaling them.
struct Scaling {
  /// How bad it is that they are not scaled: a note when scaling them gains nothing.
  let severity: Severity
  /// A sentence with the trial's figures.
  let text: String
  let evidence: [Measure]
  /// The loss that the trial left; nil when scaling gains nothing.
  let remaining: Double?

  /// - Returns: nil when there are no trials that could tell.
  init?(_ exam: Examination, for rule: any Rule.Type, inputs: Bool = false, targets: Bool = false) {
    guard let comparison = try? TrialComparison(exam, for: rule) else { return nil }
    let scaled = comparison.scaled(inputs: inputs, targets: targets)
    guard !scaled.isEmpty else { return nil }
    let what = inputs ? "inputs" : "targets"
    if let winner = Self.winner(scaled, comparison) {
      severity = comparison.severity(winner)
      text = Self.sentence(winner, comparison, "standardized \(what)")
      evidence = comparison.evidence(winner)
      remaining = comparison.remaining(winner)
      return
    }
    // Both may be needed: then the other alone must not do as well.
    let both = comparison.scaled(inputs: true, targets: true)
    let other = comparison.scaled(inputs: !inputs, targets: !targets)
    if let winner = Self.winner(both, comparison), let alone = comparison.best(other),
      comparison.wins(comparison.loss(winner), over: comparison.loss(alone))
    {
      severity = comparison.severity(winner)
      text = Self.sentence(winner, comparison, "standardized inputs and targets")
      evidence = comparison.evidence(winner)
      remaining = comparison.remaining(winner)
      return
    }
    severity = .note
    text = "In trials on standardized \(what), the training did not end decisively better."
    evidence = []
    remaining = nil
  }

  /// The best trial, if it wins at the run's own learning rate, or if nothing does at any rate
  /// without it.
  private static func winner(_ scaled: [Trial], _ comparison: TrialComparison) -> Trial? {
    if let same = comparison.winner(scaled.filter { $0.changes.rate == 1 }) { return same }
    guard let best = comparison.winner(scaled), let raw = comparison.best(comparison.rates),
      comparison.wins(comparison.loss(best), over: comparison.loss(raw))
    else { return nil }
    return best
  }

  private static func sentence(
    _ winner: Trial, _ comparison: TrialComparison, _ what: String
  ) -> String {
    let rate = winner.changes.rate
    let at =
      rate == 1
      ? ""
      : rate > 1
        ? " at \(Wording.number(rate)) times the learning rate"
        : " at 1/\(Wording.number(1 / rate)) of the learning rate"
    return """
      In trials on \(comparison.judges): \(comparison.outcome()); with \(what)\(at), \
      \(comparison.updates(winner)) updates leave \(comparison.left(winner)).
      """
  }
}
