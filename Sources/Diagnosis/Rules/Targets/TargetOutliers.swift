import Replay
import Runs

/// A few targets far outside that decide where the training goes.
struct TargetOutliers: Rule {
  static let gradient = Threshold(
    "gradient-share", 0.3, unit: "of the gradient's norm", "more in so few samples is a warning")
  static let loss = Threshold(
    "loss-share", 0.25, unit: "of the loss", "less is a note: the others cancel, but are fitted")
  static let most = Threshold(
    "sample-share", 0.05, unit: "share of the samples", "more are no outliers")

  static let info = RuleInfo(
    id: "target-outliers", title: "Outliers that own the gradient", severity: .warning,
    evidence: .proof,
    summary: """
      Samples whose error lies more than 10 robust deviations from the median error hold more than \
      30 % of the gradient.
      """,
    rationale: """
      Under squared error a sample pulls in proportion to its error, so that one target a hundred
      deviations out pulls as hard as a hundred others, and bends the model away from them. What counts
      is the distance from what the model predicts, in units of the median distance, which outliers
      do not move: a target may lie within the range of all and still be far from its own place. An
      outlier alone is no fault: the rule compares the gradient of these samples with that of all
      others. Under absolute or Huber loss each sample has one voice, and the rule stays silent.
      """,
    remedy: "Correct or drop these samples, or use a Huber or absolute loss.",
    source: "Huber, Robust Estimation of a Location Parameter (1964); Leys et al. (2013): MAD",
    thresholds: [gradient, loss, most], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    guard exam.run.samples >= 20 else {
      throw NotChecked("\(exam.run.samples) samples are too few to tell what is far outside")
    }
    let (limit, most) = (
      exam.value(Self.gradient, of: Self.self), exam.value(Self.most, of: Self.self)
    )
    return exam.survey.tails.compactMap { tail in
      let rows = tail.samples
      let share = Double(rows.count) / Double(exam.run.samples)
      guard share <= most, tail.gradient > limit, tail.gradient > 3 * share else { return nil }
      let far = tail.scores.max() ?? 0
      let severity: Severity =
        tail.loss > 0.9
        ? .error : tail.loss > exam.value(Self.loss, of: Self.self) ? .warning : .note
      return Finding(
        Self.self, severity, at: Place(.target, tail.target),
        """
        Proved on \(exam.run.samples) samples: \(rows.count == 1 ? "the error of sample" : "the errors of samples") \
        \(Wording.indices(rows)) \(rows.count == 1 ? "lies" : "lie") up to \(Wording.number(far)) \
        robust deviations from the median; \(Wording.percent(share)) of the samples, they hold \
        \(Wording.percent(tail.gradient)) of the gradient and \(Wording.percent(tail.loss)) of the \
        loss.
        """,
        evidence: [
          Measure("samples", .ints(rows)),
          Measure("gradient_share", tail.gradient, threshold: limit),
          Measure("loss_share", tail.loss),
          Measure("largest_distance", far, unit: "robust deviations"),
        ])
    }
  }
}

extension TargetOutliers {
  /// y = x and some noise on 40 samples but for one.
  private static func network(
    _ net: inout RunBuilder, _ loss: String = "mse", outlier: Float, weight: Float = 1
  ) {
    let x = (0..<40).map { (Float($0) - 19.5) / 11.5 }
    net.input(x.map { [$0] })
    net.dense("fc", [[weight]], bias: [0.2])
    net.loss(
      loss, shape: [40, 1],
      x.indices.map { row in
        row == 30 ? outlier : x[row] + Float((row * 7) % 11 - 5) / 10
      })
  }

  private static let examples: [Example] = [
    .fires("one target of a thousand", at: ["y"]) { network(&$0, outlier: 1000) },
    .fires("and far below", at: ["y"]) { network(&$0, outlier: -300, weight: 0.5) },
    .silent("under the absolute error each has one voice") {
      network(&$0, "l1", outlier: 1000)
    },
    .silent("no outlier") { network(&$0, outlier: 1) },
    .silent("a target of some deviations") { network(&$0, outlier: 4) },
    .cannotTell("four samples") { net in
      net.input([[1], [2], [3], [4]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [4, 1], [1, 2, 3, 1000])
    },
  ]
}
