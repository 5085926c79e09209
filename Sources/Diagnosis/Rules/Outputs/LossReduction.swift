import Runs

/// A loss summed over the batch where its mean was meant.
struct LossReduction: Rule {
  static let info = RuleInfo(
    id: "loss-reduction", title: "A loss summed over the batch", severity: .error,
    evidence: .proof,
    summary: """
      The loss sums over the batch, and the same training with its mean, done again from its own \
      start, loses less than half as much.
      """,
    rationale: """
      The gradient of a sum grows with the number of samples, and so does the step: a learning rate
      that suits a mean is as many times too large as the batch has samples. A sum is no fault as
      long as the learning rate was chosen for it, so that the training is tried again with the mean,
      everything else as it was set.
      """,
    remedy: "Average the loss over the batch, or divide the learning rate by the batch size.",
    source:
      "Bottou, Curtis & Nocedal, Optimization Methods for Large-Scale Machine Learning (2018), "
      + "arXiv:1606.04838, section 3",
    thresholds: TrialComparison.thresholds, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    guard let term = exam.run.losses.first(where: { !$0.mean }) else { return [] }
    let comparison = try TrialComparison(exam, for: Self.self)
    guard let winner = comparison.winner(comparison.averaged) else { return [] }
    // The same start with the sum must not do as well.
    let isFresh = winner.changes.start == .fresh && comparison.trials.knowsStart
    let summed =
      isFresh
      ? comparison.fresh.filter { $0.changes.rate == 1 } : [comparison.asSet].compactMap { $0 }
    if let best = comparison.best(summed),
      !comparison.wins(comparison.loss(winner), over: comparison.loss(best))
    {
      return []
    }
    let start = isFresh ? ", from weights drawn by the usual scheme" : ""
    let batch = min(exam.run.nominalBatch, exam.run.samples)
    var evidence = [Measure("batch_size", batch)] + comparison.evidence(winner)
    var stability = ""
    if let curvature = comparison.trials.curvature, curvature.largest > 0,
      let limit = LearningRateTooHigh.limit(curvature, exam)
    {
      let mean = curvature.largest / Double(batch)
      stability = """
         The largest curvature at the start is \(Wording.number(curvature.largest)) for the sum, \
        which keeps steps stable below \(Wording.number(limit)), and about \(Wording.number(mean)) \
        for the mean.
        """
      evidence += [
        Measure("curvature_of_sum", curvature.largest), Measure("curvature_of_mean", mean),
      ]
    }
    return [
      Finding(
        Self.self, comparison.severity(winner), at: Place(.loss, term.target),
        """
        Proved by a trial on \(comparison.judges): \(comparison.outcome()); with the mean over a \
        batch of \(batch) in place of the sum\(start), \(comparison.updates(winner)) updates leave \
        \(comparison.left(winner)).\(stability)
        """,
        evidence: evidence, tensors: [term.prediction], remaining: comparison.remaining(winner))
    ]
  }
}

extension LossReduction {
  /// y = 3x on 16 samples by gradient descent from 0, on the sum of squared errors.
  private static func line(
    _ net: inout RunBuilder, rate: Double, ended weight: Float, optimizer: Bool = true
  ) {
    let x = (0..<16).map { (Float($0) - 7.5) / 4.6 }
    net.input(x.map { [$0] })
    net.dense("fc", [[weight]], initial: [[0]])
    net.loss("mse", shape: [16, 1], x.map { 3 * $0 }, settings: ["reduction": .string("sum")])
    net.training["steps"] = .int(40)
    guard optimizer else { return }
    net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(rate)])
  }

  private static let examples: [Example] = [
    .fires("a rate that suits the mean runs away", at: ["y"]) {
      line(&$0, rate: 0.2, ended: -4e8)
    },
    .fires("so does one twice as large", at: ["y"]) { line(&$0, rate: 0.4, ended: .nan) },
    .silent("a rate that was chosen for the sum") { line(&$0, rate: 0.02, ended: 3) },
    .silent("a mean") { LearningRateTooHigh.line(&$0, rate: 1.2, steps: 40, ended: 1e6) },
    .cannotTell("no optimizer is known") {
      line(&$0, rate: 0.2, ended: -4e8, optimizer: false)
    },
  ]
}
