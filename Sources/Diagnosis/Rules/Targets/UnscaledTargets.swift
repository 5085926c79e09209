import Replay
import Runs

/// Targets so large, or so far from zero, that a freshly initialized network is far off.
struct UnscaledTargets: Rule {
  static let ratio = Threshold(
    "ratio", 100, unit: "times what the head yields at its start",
    "a larger |mean| or standard deviation of a target")
  static let provedRatio = Threshold(
    "proved-ratio", 5, unit: "times what the head yields at its start",
    "the same where a trial proves that scaling the targets helps")

  static let info = RuleInfo(
    id: "unscaled-targets", title: "Targets that are not scaled", severity: .error,
    evidence: .proof,
    summary: """
      A target's mean or deviation is far beyond what the head yields at its initial scale, and the \
      training does better on standardized targets.
      """,
    rationale: """
      A network starts with outputs near the size of its inputs. To reach targets in the thousands
      its weights have to grow as far, which takes an optimizer with steps of a fixed size, such as
      Adam, thousands of updates, and makes the gradients of a squared error large enough to throw
      plain gradient descent off. The training is tried again on standardized targets; relative losses
      make the two comparable. Where that changes nothing, the scale is a note.
      """,
    remedy: "Train on (y − mean) / deviation and undo that for predictions.",
    source: "LeCun, Bottou, Orr & Müller, Efficient BackProp (1998), section 4.5",
    thresholds: [ratio, provedRatio] + TrialComparison.thresholds, harmsLearning: true,
    examples: examples
  )

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    var findings: [Finding] = []
    for term in exam.run.losses where type(of: term.loss).info.targets == .values {
      guard let vitals = exam.data.arrays[term.target],
        vitals.columns.nonFinite.allSatisfy({ $0 == 0 })
      else { continue }
      let head = exam.initial?.activations[term.prediction]?.magnitude ?? 1
      let yields = max(head.isFinite ? head : 1, 1e-3)
      let size = max(abs(vitals.columns.meanOfMeans), vitals.columns.spread)
      let ratio = size / max(yields, 1)
      let proof = Scaling(exam, for: Self.self, targets: true)
      let proved = (proof?.severity ?? .note) > .note
      let limit = exam.value(proved ? Self.provedRatio : Self.ratio, of: Self.self)
      guard ratio > limit else { continue }
      findings.append(
        Finding(
          Self.self, proof?.severity ?? (isReached(term, vitals, exam) ? .note : .warning),
          at: Place(.target, term.target),
          """
          Proved on \(exam.run.samples) samples: the targets have mean \
          \(Wording.number(vitals.columns.meanOfMeans)) and deviation \
          \(Wording.number(vitals.columns.spread)), and the head yields values of about \
          \(Wording.number(yields)) at its start.\(proof.map { " " + $0.text } ?? "")
          """,
          evidence: [
            Measure("mean", vitals.columns.meanOfMeans),
            Measure("deviation", vitals.columns.spread),
            Measure("head_at_start", yields, unit: "root mean square"),
            Measure("ratio", ratio, unit: "times", threshold: limit),
          ] + (proof?.evidence ?? []), tensors: [term.prediction], remaining: proof?.remaining))
    }
    return findings
  }

  /// Whether the trained model's predictions lie where the targets do.
  private func isReached(
    _ term: Run.LossTerm, _ target: ArrayVitals, _ exam: Examination
  ) -> Bool {
    guard exam.isTrained != false, exam.isFinite,
      let prediction = exam.current.activations[term.prediction]
    else { return false }
    let apart = abs(prediction.meanOfMeans - target.columns.meanOfMeans)
    return apart <= 0.1 * target.columns.spread && prediction.spread >= 0.1 * target.columns.spread
  }
}

extension UnscaledTargets {
  /// y = size · x by Adam.
  private static func line(
    _ net: inout RunBuilder, size: Float, steps: Int, ended weight: Float, optimizer: Bool = true
  ) {
    let x = (0..<16).map { (Float($0) - 7.5) / 4.6 }
    net.input(x.map { [$0] })
    net.dense("fc", [[weight]], initial: [[0.5]])
    net.loss("mse", shape: [16, 1], x.map { size * $0 })
    net.training["steps"] = .int(steps)
    guard optimizer else { return }
    net.training["optimizer"] = .object([
      "kind": .string("adam"), "learning_rate": .number(0.01),
    ])
  }

  private static let examples: [Example] = [
    .fires("a weight of 500 in steps of 0.01", at: ["y"]) {
      line(&$0, size: 500, steps: 700, ended: 7)
    },
    .fires("nobody knows the optimizer", at: ["y"]) {
      line(&$0, size: 500, steps: 700, ended: 7, optimizer: false)
    },
    .silent("targets of size one") { line(&$0, size: 1, steps: 700, ended: 1) },
    .silent("targets of ten, within reach") { line(&$0, size: 10, steps: 2000, ended: 10) },
    .silent("classes have no scale") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1], [2]])
      net.loss("cross-entropy", shape: [2], [0, 1])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1]])
    },
  ]
}
