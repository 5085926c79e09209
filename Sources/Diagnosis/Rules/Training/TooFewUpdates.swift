/// A training that was stopped while it was still learning.
struct TooFewUpdates: Rule {
  static let info = RuleInfo(
    id: "too-few-updates", title: "Stopped too early", severity: .warning,
    evidence: .proof,
    summary: """
      Going on from the weights at the end, or training longer from the start, at the same learning \
      rate loses less than half of what the training lost.
      """,
    rationale: """
      A loss that is high but still falling needs no cure but time. The training is tried again beyond
      its end, on part of the data, and judged on samples that are kept aside, where more training
      that merely memorizes does not pay.
      """,
    remedy: "Train for more epochs: at least as many updates as the message says.",
    source: "Prechelt, Early stopping - but when? (1998)", thresholds: TrialComparison.thresholds,
    examples: examples)

  private static let worse = 1.1

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    // A training that ended in NaN needs something else than more of it.
    try exam.requireFinite()
    let comparison = try TrialComparison(exam, for: Self.self)
    // What got worse than it began did not stop too early.
    guard comparison.isTrained, comparison.ended <= max(1, Self.worse * comparison.trials.start)
    else { return [] }
    let longer = (comparison.further + comparison.rates).filter {
      $0.changes.rate == 1 && $0.diverged == nil
    }
    guard let best = longer.min(by: { $0.end < $1.end }),
      comparison.wins(best.end, over: comparison.ended)
    else { return [] }
    let trials = comparison.trials
    // From the start, only a trial longer than the training says that it was too short.
    if best.changes.start != .after {
      guard let trained = trials.trainedSteps, trained < (best.updates.last ?? 0) else {
        return []
      }
    }
    let done = trials.trainedSteps.map { "\($0) updates" } ?? "its updates"
    let more = best.updates.last ?? 0
    let text =
      best.changes.start == .after ? "\(more) more leave" : "\(more) from the same start leave"
    return [
      Finding(
        Self.self,
        comparison.isError(gain: min(comparison.ended, 1) - best.end) ? .error : .warning,
        at: Place(.run, "training"),
        """
        Proved by a trial on \(comparison.judges): \(comparison.outcome()) after \(done); \(text) \
        \(Wording.percent(best.end)).
        """,
        evidence: [
          Measure("trained_updates", trials.trainedSteps.map { .int($0) } ?? .null),
          Measure(
            "relative_loss", comparison.ended, unit: "of the best constant prediction's loss"),
          Measure("trial_loss", best.end, unit: "of the best constant prediction's loss"),
          Measure("trial_updates", more),
        ], remaining: best.end)
    ]
  }
}

extension TooFewUpdates {
  private static let examples: [Example] = [
    .fires("four good steps", at: ["training"]) {
      LearningRateTooHigh.line(&$0, rate: 0.05, steps: 4, ended: 1)
    },
    .fires("a curve that has not bent yet", at: ["training"]) {
      LearningRateTooHigh.line(&$0, rate: 0.02, steps: 20, ended: 1.5)
    },
    .silent("long enough") { LearningRateTooHigh.line(&$0, rate: 0.1, steps: 100, ended: 3) },
    .silent("a rate that is far too low") {
      LearningRateTooHigh.line(&$0, rate: 1e-7, steps: 100, ended: 1e-4)
    },
    .silent("a rate that is too high") {
      LearningRateTooHigh.line(&$0, rate: 1.2, steps: 40, ended: 1e6)
    },
    .cannotTell("no optimizer is known") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1e-3]], initial: [[0]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
