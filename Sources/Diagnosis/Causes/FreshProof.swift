import Replay

/// What rehearsals from weights drawn anew say about the start that the training had.
struct FreshProof {
  let severity: Severity
  /// A sentence with the rehearsal's figures.
  let text: String
  let evidence: [Measure]
  /// The loss that the rehearsal left.
  let remaining: Double

  /// - Returns: nil when there are no rehearsals, or when a fresh start, at the run's own learning
  ///   rate, does not end decisively better than both the training and its rehearsal.
  init?(_ exam: Examination, for rule: any Rule.Type) {
    guard let prospects = try? Prospects(exam, for: rule), prospects.rehearsals.knowsStart,
      let winner = prospects.winner(prospects.fresh.filter { $0.script.rate == 1 })
    else { return nil }
    if let same = prospects.asSet,
      !prospects.wins(prospects.loss(winner), over: prospects.loss(same))
    {
      return nil
    }
    severity = prospects.severity(winner)
    remaining = prospects.remaining(winner)
    text = """
      Rehearsed on \(prospects.judges): \(prospects.outcome()); from weights drawn by the usual \
      scheme, \(prospects.updates(winner)) updates leave \(prospects.left(winner)).
      """
    evidence = prospects.evidence(winner)
  }

  /// Whether a finding about the learning rate comes of the start: from a usual one, the rate that was
  /// set does about as well as any other.
  static func explains(_ start: Finding, _ finding: Finding) -> Bool {
    guard start.severity >= finding.severity, let fresh = start.remaining else { return false }
    return fresh <= (finding.remaining ?? 0) + Prospects.gain.value
  }
}
