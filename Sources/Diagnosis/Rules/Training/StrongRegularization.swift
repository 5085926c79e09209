import Runs

/// A penalty on the weights that holds the model near a constant.
struct StrongRegularization: Rule {
  static let info = RuleInfo(
    id: "strong-regularization", title: "A penalty that is too strong", severity: .error,
    evidence: .proof,
    summary: """
      Without its penalties and weight decay the same training, done again from its own start, loses \
      less than half as much.
      """,
    rationale: """
      A penalty pulls weights towards zero with a force that does not depend on the data. Where it
      outweighs the loss, the optimum itself lies near a constant prediction, and no amount of
      training leads away from it. Whether a strength is too much depends on model, data and
      learning rate, so that it is tried: the training is repeated without the penalty and judged by
      the loss of the data alone, on samples that were kept aside where there are enough.
      """,
    remedy: "Divide the strength of the penalty, or the weight decay, by ten or more.",
    source: "Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, section 3.4.1",
    thresholds: TrialComparison.thresholds, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let training = exam.run.training
    let decay = training.optimizer?.numbers["weight_decay"] ?? 0
    guard !training.regularization.isEmpty || decay > 0 else { return [] }
    let comparison = try TrialComparison(exam, for: Self.self)
    guard let winner = comparison.winner(comparison.unpenalized) else { return [] }
    if let same = comparison.asSet,
      !comparison.wins(comparison.loss(winner), over: comparison.loss(same))
    {
      return []
    }
    let names = names(exam)
    let penalty = exam.current.loss - exam.current.dataLoss
    return [
      Finding(
        Self.self, comparison.severity(winner), at: Place(.run, "training"),
        """
        Proved by a trial on \(comparison.judges): \(comparison.outcome()); without \
        \(names.without), \(comparison.updates(winner)) updates leave \(comparison.left(winner)).
        """,
        evidence: [
          Measure("weight_decay", decay), Measure("penalty", penalty, unit: "loss"),
          Measure("data_loss", exam.current.dataLoss, unit: "loss"),
        ] + comparison.evidence(winner), remedy: "Divide \(names.strength) by ten or more.",
        remaining: comparison.remaining(winner))
    ]
  }

  /// What holds the weights down: a penalty in the loss, a decay of the optimizer, or both.
  private func names(_ exam: Examination) -> (without: String, strength: String) {
    let training = exam.run.training
    let decays = (training.optimizer?.numbers["weight_decay"] ?? 0) > 0
    let terms = Terms(exam.run)
    let told = { (text: String, setting: Terms.Setting) in
      text + (terms.setting(setting).map { " (\($0))" } ?? "")
    }
    let (decay, penalty) = (
      told("the weight decay", .decay), told("the strength of the penalty", .penalty)
    )
    if training.regularization.isEmpty { return ("weight decay", decay) }
    return decays
      ? ("penalties and weight decay", "\(penalty) and \(decay)") : ("penalties", penalty)
  }
}

extension StrongRegularization {
  /// y = 3x by gradient descent with weight decay.
  private static func line(_ net: inout RunBuilder, decay: Double, ended weight: Float) {
    LearningRateTooHigh.line(&net, rate: 0.1, steps: 200, ended: weight)
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(0.1), "weight_decay": .number(decay),
    ])
  }

  private static let examples: [Example] = [
    .fires("a decay of 5", at: ["training"]) { line(&$0, decay: 5, ended: 0.86) },
    .fires("a decay that leaves nothing", at: ["training"]) { line(&$0, decay: 15, ended: 0.35) },
    .silent("a decay of a thousandth") { line(&$0, decay: 1e-3, ended: 3) },
    .silent("no penalty") { LearningRateTooHigh.line(&$0, rate: 0.1, steps: 100, ended: 3) },
    .cannotTell("targets that are all the same") { net in
      net.input([[1], [2]])
      net.dense("fc", [[0]], initial: [[0.1]])
      net.loss("mse", shape: [2, 1], [1, 1])
      net.training["optimizer"] = .object([
        "kind": .string("sgd"), "learning_rate": .number(0.1), "weight_decay": .number(1),
      ])
    },
  ]
}
