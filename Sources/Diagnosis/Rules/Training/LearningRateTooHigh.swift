import Operators
import Runs
import Trials

/// A learning rate at which the training runs away or cannot settle, where a smaller one learns.
struct LearningRateTooHigh: Rule {
  static let info = RuleInfo(
    id: "learning-rate-too-high", title: "Learning rate too high", severity: .error,
    evidence: .proof,
    summary: """
      At a smaller learning rate the same training, done again from its own start, loses less than \
      half of what it lost at the one that was set.
      """,
    rationale: """
      A step of gradient descent is stable while the learning rate is below 2/λ, with λ the largest
      curvature of the loss; momentum raises the limit, and for optimizers that divide by the
      gradient's size the curvature is that of the space so stretched. Beyond it the loss grows from
      step to step, or the weights are thrown to where units are dead or saturated. Large networks
      may train above the limit of their start all the same, since training moves to flatter places,
      so that the limit alone is no proof: the training is repeated at a tenth, a hundredth, a
      thousandth of its rate and, where the limit is lower, down to that, and judged on samples that
      the repetition did not see. λ comes from power iteration on differences of gradients. A network
      that is too large for that gets a few updates on one batch: where they throw the loss up, and a
      lower rate brings it down, and the training got nowhere either, the rate is too high.
      """,
    remedy: "Lower the learning rate to the one that the message names, or scale features and "
      + "targets, which raises the limit.",
    source: "LeCun, Simard & Pearlmutter (1993); Cohen et al. (2021), arXiv:2103.00065",
    thresholds: TrialComparison.thresholds + [ProbedRate.gain], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    if let probe = exam.rateProbe {
      if let found = ProbedRate.lower(exam, for: Self.self) {
        return [found.finding(Self.self, "Lower")]
      }
      try ProbedRate.requireWhole(probe, probe.asSet.end > 1)
      return []
    }
    let comparison = try TrialComparison(exam, for: Self.self)
    let slower = comparison.rates.filter { $0.changes.rate < 1 }
    let onward = comparison.further.filter { $0.changes.rate < 1 }
    let candidates = [
      comparison.winner(slower), Self.settles(onward, comparison) ? comparison.winner(onward) : nil,
    ].compactMap { $0 }
    guard let winner = comparison.best(candidates) else { return [] }
    // Going on at the same rate must not win as well: then it was stopped too early.
    let same = (comparison.rates + comparison.further).filter { $0.changes.rate == 1 }
    if let best = comparison.best(same),
      !comparison.wins(comparison.loss(winner), over: longest(best))
    {
      return []
    }
    return [finding(winner, comparison, exam)]
  }

  /// What a trial reached, however long it took.
  private func longest(_ trial: Trial) -> Double {
    trial.diverged != nil ? .infinity : trial.best()
  }

  /// Whether going on more slowly gains what going on at the same rate does not.
  private static func settles(_ onward: [Trial], _ comparison: TrialComparison) -> Bool {
    let same = comparison.further.filter { $0.changes.rate == 1 }.map { $0.end }.max() ?? .infinity
    return onward.contains { comparison.wins(comparison.loss($0), over: same) }
  }

  private func finding(
    _ winner: Trial, _ comparison: TrialComparison, _ exam: Examination
  ) -> Finding {
    let rate = exam.run.training.optimizer?.learningRate ?? 0
    let better = rate * winner.changes.rate
    var text = """
      Proved by a trial on \(comparison.judges): \(comparison.outcome()); at a learning rate of \
      \(Wording.number(better)) instead of \(Wording.number(rate)), \(comparison.updates(winner)) \
      updates leave \(comparison.left(winner))
      """
    if comparison.asSet?.diverged != nil, comparison.isTrained {
      text += ", and at this one diverge"
    }
    text += "." + LearningRateTooLow.schedule(exam)
    var evidence =
      [Measure("learning_rate", rate), Measure("better_learning_rate", better)]
      + comparison.evidence(winner)
    if let curvature = comparison.trials.curvature, let limit = Self.limit(curvature, exam) {
      if rate > limit {
        text += """
           The largest curvature at the start, \(Wording.number(curvature.largest)), keeps steps \
          stable below \(Wording.number(limit)).
          """
      }
      evidence += [
        Measure("largest_curvature", curvature.largest), Measure("stability_limit", limit),
      ]
    }
    return Finding(
      Self.self, comparison.severity(winner), at: Place(.run, "training"), text,
      evidence: evidence, remedy: "Lower the learning rate to about \(Wording.number(better)).",
      remaining: comparison.remaining(winner),
      facts: Facts(rateFactor: rate > 0 ? better / rate : 1))
  }

  /// The largest stable learning rate, λ being the curvature that the optimizer's own rescaling of
  /// gradients leaves: 2/λ, times 1 + momentum, and for Adam's averages (1 + β₁)/(1 − β₁) (Cohen et
  /// al., 2022, arXiv:2207.14484).
  static func limit(_ curvature: Curvature, _ exam: Examination) -> Double? {
    guard let optimizer = exam.run.training.optimizer, curvature.largest > 0 else { return nil }
    if optimizer.kind.hasPrefix("adam") {
      let beta = optimizer.betas?.first ?? 0.9
      return beta < 1 ? 2 * (1 + beta) / (1 - beta) / curvature.largest : nil
    }
    return 2 * (1 + (optimizer.numbers["momentum"] ?? 0)) / curvature.largest
  }
}

extension LearningRateTooHigh {
  /// y = 3x on 16 samples by gradient descent from 0.
  static func line(
    _ net: inout RunBuilder, rate: Double, steps: Int, scale: Float = 1, ended weight: Float
  ) {
    let x = (0..<16).map { (Float($0) - 7.5) / 4.6 }
    net.input(x.map { [$0 * scale] })
    net.dense("fc", [[weight]], initial: [[0]])
    net.loss("mse", shape: [16, 1], x.map { 3 * $0 })
    net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(rate)])
    net.training["steps"] = .int(steps)
  }

  private static let examples: [Example] = [
    .fires("every step overshoots", at: ["training"]) {
      line(&$0, rate: 1.2, steps: 40, ended: 1e6)
    },
    .fires("inputs in the hundreds", at: ["training"]) {
      line(&$0, rate: 0.01, steps: 40, scale: 100, ended: -3e9)
    },
    .silent("a rate that fits") { line(&$0, rate: 0.1, steps: 100, ended: 3) },
    .silent("a rate that is too low") { line(&$0, rate: 1e-7, steps: 100, ended: 1e-4) },
    .silent("stopped after a few good steps") { line(&$0, rate: 0.05, steps: 4, ended: 1) },
    .cannotTell("no optimizer is known") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1e6]], initial: [[0]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
