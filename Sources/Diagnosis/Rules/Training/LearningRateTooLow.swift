import Trials

/// A learning rate at which the training hardly moved, where a larger one learns in the same time.
struct LearningRateTooLow: Rule {
  static let factor = Threshold(
    "factor", 10, unit: "times the learning rate", "the smallest larger rate that is tried again")

  static let info = RuleInfo(
    id: "learning-rate-too-low", title: "Learning rate too low", severity: .error,
    evidence: .proof,
    summary: """
      At a learning rate at least ten times as large the same training, done again from its own \
      start and no longer than it was, loses less than half of what it lost at the one that was set.
      """,
    rationale: """
      Gradient descent covers the learning rate times the gradient in a step; where that is too
      little, the loss stays flat although every gradient is sound, and it looks as if the network
      could not learn. The training is repeated at up to 100 000 times its rate and judged on
      samples that the repetition did not see, so that a rate is only called low if a larger one
      is stable and pays. A network that is too large for that gets a few updates on one batch: where
      they move nothing, and a rate a hundred times as high does, the rate is too low.
      """,
    remedy: "Raise the learning rate to the one that the message names.",
    source: "Bengio, Practical recommendations for gradient-based training (2012), "
      + "arXiv:1206.5533, section 3.1.1",
    thresholds: [factor] + TrialComparison.thresholds + [ProbedRate.gain], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    if let lost = lost(exam) { return [lost] }
    if let probe = exam.rateProbe {
      if let found = ProbedRate.higher(exam, upTo: Self.highest(exam), for: Self.self) {
        return [found.finding(Self.self, "Raise")]
      }
      try ProbedRate.requireWhole(probe, probe.isUnmoved)
      return []
    }
    let comparison = try TrialComparison(exam, for: Self.self)
    let factor = exam.value(Self.factor, of: Self.self)
    let most = Self.highest(exam)
    let faster = (comparison.rates + comparison.further).filter {
      $0.changes.rate >= max(1.5, factor) && $0.changes.rate <= most
    }
    guard let winner = comparison.winner(faster) ?? Self.unmoved(comparison, most) else {
      return []
    }
    // What ran away, or does when it is tried again, needs no larger steps.
    guard comparison.ended.isFinite, comparison.asSet?.diverged == nil else { return [] }
    // Of a training that is still to come, the rate as it is set may get there later.
    if !comparison.isTrained { return [] }
    // If the rate as it was set wins in the same number of updates, something else went wrong.
    if comparison.winner(faster) != nil, let same = comparison.asSet, same.diverged == nil,
      !comparison.wins(comparison.loss(winner), over: comparison.loss(same))
    {
      return []
    }
    let rate = exam.run.training.optimizer?.learningRate ?? 0
    let better = rate * winner.changes.rate
    let onward = winner.changes.start == .after ? "further " : ""
    return [
      Finding(
        Self.self, comparison.severity(winner), at: Place(.run, "training"),
        """
        Proved by a trial on \(comparison.judges): \(comparison.outcome()); at a learning rate of \
        \(Wording.number(better)) instead of \(Wording.number(rate)), \
        \(comparison.updates(winner)) \(onward)updates leave \(comparison.left(winner)).\
        \(Self.schedule(exam))
        """,
        evidence: [
          Measure("learning_rate", rate), Measure("better_learning_rate", better),
          Measure("trained_updates", comparison.trials.trainedSteps.map { .int($0) } ?? .null),
        ] + comparison.evidence(winner),
        remedy: "Raise the learning rate to about \(Wording.number(better)).",
        remaining: comparison.remaining(winner),
        facts: Facts(rateFactor: rate > 0 ? better / rate : 1))
    ]
  }

  /// The largest factor of the learning rate that makes sense to propose: optimizers that divide by the
  /// gradient's size move every weight by about the rate, and 0.1 a step is more than any can settle at;
  /// plain gradient descent has no such measure, and 10 is beyond what anybody uses.
  private static func highest(_ exam: Examination) -> Double {
    guard let optimizer = exam.run.training.optimizer, optimizer.learningRate > 0 else { return 1 }
    let most = optimizer.kind == "sgd" ? 10 : optimizer.kind == "adagrad" ? 1 : 0.1
    return most / optimizer.learningRate * (1 + 1e-9)
  }

  /// Where steps at the learning rate are lost in the rounding of every weight, none moved, and a rate that
  /// makes sense would move some: where no gradient comes, no rate does.
  private func lost(_ exam: Examination) -> Finding? {
    guard exam.isTrained == false, exam.isFinite, Movement.isStepLost(exam),
      !Movement.isStepLost(exam, factor: Self.highest(exam)),
      !exam.run.history.isEmpty || (exam.run.updates ?? 0) > 0,
      let optimizer = exam.run.training.optimizer
    else { return nil }
    return Finding(
      Self.self, .error, at: Place(.run, "training"),
      """
      Proved: no weight moved, since a step at a learning rate of \
      \(Wording.number(optimizer.learningRate)) is lost in the rounding of float32 for every one.
      """,
      evidence: [
        Measure("learning_rate", optimizer.learningRate),
        Measure("trained_updates", exam.run.updates.map { .int($0) } ?? .null),
      ],
      remedy: optimizer.kind == "sgd"
        ? "Start from a learning rate of 0.01, as is usual for gradient descent."
        : "Start from a learning rate of 0.001, as is usual for this optimizer.")
  }

  /// Where the training hardly moved from its start: the trial, at a hundred times its rate or more,
  /// that went farthest.
  private static func unmoved(_ comparison: TrialComparison, _ most: Double) -> Trial? {
    let fast = comparison.rates.filter { $0.changes.rate >= 100 && $0.changes.rate <= most }
    let start = comparison.trials.start
    guard comparison.isTrained, let best = comparison.best(fast), start.isFinite,
      start - comparison.loss(best) >= TrialComparison.gain.value
    else { return nil }
    let moved = (start - comparison.ended) / (start - comparison.loss(best))
    return abs(moved) < 0.1 ? best : nil
  }
}

extension LearningRateTooLow {
  /// A sentence on where a schedule has brought the rate since; empty where it is the first still.
  static func schedule(_ exam: Examination) -> String {
    guard let optimizer = exam.run.training.optimizer, let now = optimizer.currentLearningRate,
      now != optimizer.learningRate
    else { return "" }
    let trials = (try? exam.run.schedule) == nil ? "keep the first" : "from the start follow it"
    return " The schedule has brought the rate from \(Wording.number(optimizer.learningRate)) to "
      + "\(Wording.number(now)) since; trials \(trials)."
  }

  private static let examples: [Example] = [
    .fires("a hundred steps of a millionth", at: ["training"]) {
      LearningRateTooHigh.line(&$0, rate: 1e-6, steps: 100, ended: 6e-4)
    },
    .fires("a third of the way in a thousand steps", at: ["training"]) {
      LearningRateTooHigh.line(&$0, rate: 2e-4, steps: 1000, ended: 0.99)
    },
    .fires("steps that float32 cannot hold", at: ["training"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.training["optimizer"] = .object([
        "kind": .string("adam"), "learning_rate": .number(1e-12),
      ])
      net.training["steps"] = .int(500)
    },
    .silent("weights that no gradient comes to") { net in
      net.input([[0, 0], [0, 1], [1, 0], [1, 1]])
      net.dense("fc", [[0, 0], [0, 0]], bias: [0, 0], initial: [[0, 0], [0, 0]])
      net.loss("cross-entropy", shape: [4], [0, 1, 1, 0])
      net.training["optimizer"] = .object([
        "kind": .string("sgd"), "learning_rate": .number(0.2),
      ])
      net.training["epochs"] = .int(1000)
    },
    .silent("a rate that fits") {
      LearningRateTooHigh.line(&$0, rate: 0.1, steps: 100, ended: 3)
    },
    .silent("a rate that is too high") {
      LearningRateTooHigh.line(&$0, rate: 1.2, steps: 40, ended: 1e6)
    },
    .silent("a low rate that got there") {
      LearningRateTooHigh.line(&$0, rate: 1e-3, steps: 5000, ended: 2.9999)
    },
    .cannotTell("no optimizer is known") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1e-3]], initial: [[0]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
