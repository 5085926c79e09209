import Runs

/// A model that is no better than a constant, although there is something to learn.
struct LossAtBaseline: Rule {
  static let level = Threshold(
    "level", 0.98, unit: "of the best constant prediction's loss", "from it on nothing was learned")
  static let attainable = Threshold(
    "attainable", 0.1, unit: "of the best constant prediction's loss",
    "what another predictor must gain")

  static let info = RuleInfo(
    id: "loss-at-baseline", title: "No better than a constant", severity: .error, evidence: .proof,
    summary: """
      After the training the loss is at least 0.98 of the best constant prediction's, while ridge \
      regression, nearest neighbours or a trial of the training gain a tenth of it or more.
      """,
    rationale: """
      A constant needs no network: the mean of the targets under squared error, the shares of the
      classes under cross-entropy. A training that ends there has used nothing of its inputs, however
      smoothly its loss fell before. That alone may be all there is to learn, so that the rule asks
      for a witness: a predictor that does better on samples it has not seen.
      """,
    remedy: """
      Fit twenty samples first, until their loss is near zero; then scale inputs and targets, and try \
      a tenth and ten times the learning rate on all.
      """,
    source: "Karpathy, A Recipe for Training Neural Networks (2019): baselines",
    thresholds: [level, attainable], link: .outcome, onset: .samePlace,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    if exam.isTrained == false { return [] }
    guard let relativeLoss = exam.relativeLoss else {
      throw NotChecked(Lack.noYardstick)
    }
    let left = relativeLoss.current
    guard left.isFinite, left >= exam.value(Self.level, of: Self.self) else { return [] }
    let needed = exam.value(Self.attainable, of: Self.self)
    var witnesses: [(name: String, left: Double)] = exam.survey.baselines.compactMap { $0 }
      .filter { $0.pValue <= 0.05 }.flatMap { $0.scores.map { ($0.name, 1 - $0.score) } }
    if case .done(let trials) = exam.trials,
      let best = trials.all.filter({ $0.changes.start != .after }).map({ $0.best() }).min()
    {
      witnesses.append(("the best trial of this training", best))
    }
    // Over all rows a constant itself may do better, where few of them carry the loss.
    let isBeaten = relativeLoss.exact == left && left >= 1 + needed
    if isBeaten { witnesses.append(("the best constant prediction of all samples", 1)) }
    guard let witness = witnesses.min(by: { $0.left < $1.left }),
      isBeaten || witness.left <= 1 - needed
    else { return [] }
    return [
      Finding(
        Self.self, .error, at: Place(.run, "training"),
        """
        Proved on \(isBeaten ? exam.run.samples : relativeLoss.samples) samples: the training \
        left \(Wording.loss(left, of: exam.constantPrediction)); \(witness.name) leaves \
        \(Wording.percent(max(0, witness.left))).
        """,
        evidence: [
          Measure(
            "relative_loss", left, unit: "of the best constant prediction's loss",
            threshold: exam.value(Self.level, of: Self.self)),
          Measure("witness", .string(witness.name)),
          Measure("witness_loss", witness.left, unit: "of the best constant prediction's loss"),
          Measure("constant_loss", relativeLoss.yardstick.constant),
        ], tensors: exam.run.losses.map(\.prediction),
        facts: Facts(amount: Amount(left, of: nil, "loss as a share of the constant's")))
    ]
  }
}

extension LossAtBaseline {
  /// y = 2x on 24 samples, by a line of some slope.
  private static func line(
    _ net: inout RunBuilder, slope: Float, bias: Float = 0, targets: (Int) -> Float = { _ in 0 },
    noise: Bool = false
  ) {
    let x = (0..<24).map { (Float($0) - 11.5) / 7 }
    net.input(x.map { [$0] })
    net.dense("fc", [[slope]], bias: [bias])
    net.loss("mse", shape: [24, 1], x.indices.map { noise ? targets($0) : 2 * x[$0] })
    net.training["epochs"] = .int(5)
  }

  private static let examples: [Example] = [
    .fires("a slope of zero", at: ["training"]) { line(&$0, slope: 0) },
    .fires("worse than a constant", at: ["training"]) { line(&$0, slope: -0.3) },
    .silent("half of the slope takes most of the loss") { line(&$0, slope: 1) },
    .silent("targets that nothing could tell") {
      line(
        &$0, slope: 0, targets: { [1, -1, 1, 1, -1, -1, 1, -1][($0 * 5 + $0 / 3) % 8] }, noise: true
      )
    },
    .silent("a network that was not trained") { net in
      line(&net, slope: 0)
      net.training["epochs"] = .int(0)
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
