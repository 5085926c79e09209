import Runs

/// A recorded loss that ran away.
struct DivergingLoss: Rule {
  static let rise = Threshold(
    "rise", 1.5, unit: "times the smallest loss", "a loss that ends higher has diverged")
  static let share = Threshold(
    "share", 0.1, unit: "of the way down from the first loss", "a smaller rise is noise at the end")

  static let info = RuleInfo(
    id: "diverging-loss", title: "A loss that runs away", severity: .error, evidence: .heuristic,
    summary: """
      The recorded loss ends at 1.5 times its minimum or more, having lost a tenth of what it had \
      gained, or is not finite in the end.
      """,
    rationale: """
      Steps beyond the limit of stability make the loss grow, at first slowly and then without
      bounds. The last values' median is compared with the smallest smoothed value before, and the
      rise with what the training had won, so that neither noise nor the ups and downs near a loss
      of zero count. A loss that ends above its first value is an error, a smaller rise a warning.
      """,
    remedy: "Lower the learning rate to a tenth, clip the gradient, and scale inputs and targets.",
    source: "Goodfellow, Bengio & Courville, Deep Learning (2016), section 11.4.1",
    thresholds: [rise, share], harmsLearning: true, link: .outcome,
    onset: .samePlace, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let curve = try LossCurve(exam)
    if let bad = curve.firstNonFinite {
      return [
        finding(
          .error, curve,
          "the recorded loss is \(Wording.number(curve.values[bad])) from \(curve.unit) \(bad) on"
            + (curve.finite.first.map { ", having begun at \(Wording.number($0))" } ?? ""),
          [Measure("first_non_finite", bad, unit: curve.unit)], exam)
      ]
    }
    let values = curve.values
    let window = max(3, values.count / 10)
    let smooth = (0...(values.count - window)).map { LossCurve.median(values[$0..<($0 + window)]) }
    guard let end = smooth.last, let low = smooth.min(),
      let place = smooth.firstIndex(of: low), let first = values.first
    else { return [] }
    let rise = exam.value(Self.rise, of: Self.self)
    let gained = max(first - low, 0)
    let lost = end - low
    guard lost > exam.value(Self.share, of: Self.self) * gained, lost > 0,
      low > 0 ? end >= rise * low : lost >= (rise - 1) * max(abs(low), gained)
    else { return [] }
    return [
      finding(
        end > first ? .error : .warning, curve,
        """
        the recorded loss fell from \(Wording.number(first)) to \(Wording.number(low)) around \
        \(curve.unit) \(place + window / 2) and ended at \(Wording.number(end))
        """,
        [
          Measure("first", first), Measure("minimum", low), Measure("end", end),
          Measure("rise", low != 0 ? end / low : end, unit: "end / minimum", threshold: rise),
        ], exam)
    ]
  }

  private func finding(
    _ severity: Severity, _ curve: LossCurve, _ text: String, _ evidence: [Measure],
    _ exam: Examination
  ) -> Finding {
    Finding(
      Self.self, severity, at: Place(.run, "training"),
      "Of \(Wording.count(curve.values.count, "value")) in the history, \(text).",
      evidence: evidence + [curve.measure],
      tensors: exam.run.losses.map(\.prediction))
  }
}

extension DivergingLoss {
  static func network(_ net: inout RunBuilder, _ losses: [Float]) {
    net.input([[1], [2], [3]])
    net.dense("fc", [[0.5]])
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    net.record("loss", losses)
  }

  private static let examples: [Example] = [
    .fires("growth without bounds", at: ["training"]) {
      network(&$0, (0..<12).map { Float(1 << $0) })
    },
    .fires("NaN from the fourth epoch on", at: ["training"]) {
      network(&$0, [5, 50, 900, .nan, .nan])
    },
    .fires("down, and half the way up again", at: ["training"]) {
      network(&$0, [10, 8, 6, 4, 3, 2, 2, 3, 4, 5, 6, 6, 6, 6, 6])
    },
    .silent("a falling loss") { network(&$0, (0..<20).map { 10 / Float($0 + 1) }) },
    .silent("noise near zero, after a long way down") {
      network(&$0, [10, 1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-5, 3e-5, 2e-5, 4e-5, 3e-5])
    },
    .silent("a single bad epoch") {
      network(&$0, [10, 5, 3, 2, 1, 1, 40, 1, 1, 1, 0.9, 0.9, 0.8])
    },
    .cannotTell("no history") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("three epochs") { network(&$0, [1, 2, 3]) },
  ]
}
