import Replay

/// What rehearsals on standardized inputs or targets say about scaling them.
struct Scaling {
  /// How bad it is that they are not scaled: a note when scaling them gains nothing.
  let severity: Severity
  /// A sentence with the rehearsal's figures.
  let text: String
  let evidence: [Measure]
  /// The loss that the rehearsal left; nil when scaling gains nothing.
  let remaining: Double?

  /// - Returns: nil when there are no rehearsals that could tell.
  init?(_ exam: Examination, for rule: any Rule.Type, inputs: Bool = false, targets: Bool = false) {
    guard let prospects = try? Prospects(exam, for: rule) else { return nil }
    let scaled = prospects.scaled(inputs: inputs, targets: targets)
    guard !scaled.isEmpty else { return nil }
    let what = inputs ? "inputs" : "targets"
    if let winner = Self.winner(scaled, prospects) {
      severity = prospects.severity(winner)
      text = Self.sentence(winner, prospects, "standardized \(what)")
      evidence = prospects.evidence(winner)
      remaining = prospects.remaining(winner)
      return
    }
    // Both may be needed: then the other alone must not do as well.
    let both = prospects.scaled(inputs: true, targets: true)
    let other = prospects.scaled(inputs: !inputs, targets: !targets)
    if let winner = Self.winner(both, prospects), let alone = prospects.best(other),
      prospects.wins(prospects.loss(winner), over: prospects.loss(alone))
    {
      severity = prospects.severity(winner)
      text = Self.sentence(winner, prospects, "standardized inputs and targets")
      evidence = prospects.evidence(winner)
      remaining = prospects.remaining(winner)
      return
    }
    severity = .note
    text = "Rehearsed on standardized \(what), the training did not end decisively better."
    evidence = []
    remaining = nil
  }

  /// The best rehearsal, if it wins at the run's own learning rate, or if nothing does at any rate
  /// without it.
  private static func winner(_ scaled: [Rehearsal], _ prospects: Prospects) -> Rehearsal? {
    if let same = prospects.winner(scaled.filter { $0.script.rate == 1 }) { return same }
    guard let best = prospects.winner(scaled), let raw = prospects.best(prospects.rates),
      prospects.wins(prospects.loss(best), over: prospects.loss(raw))
    else { return nil }
    return best
  }

  private static func sentence(
    _ winner: Rehearsal, _ prospects: Prospects, _ what: String
  ) -> String {
    let rate = winner.script.rate
    let at =
      rate == 1
      ? ""
      : rate > 1
        ? " at \(Wording.number(rate)) times the learning rate"
        : " at 1/\(Wording.number(1 / rate)) of the learning rate"
    return """
      Rehearsed on \(prospects.judges): \(prospects.outcome()); with \(what)\(at), \
      \(prospects.updates(winner)) updates leave \(prospects.left(winner)).
      """
  }
}
