/// A recorded loss that does not move.
struct ConstantLoss: Rule {
  static let range = Threshold(
    "range", 1e-3, unit: "of the loss, over the last half", "a loss that moves less is flat")
  static let learned = Threshold(
    "learned", 0.9, unit: "last loss / first loss", "a loss that fell below has learned something")

  static let info = RuleInfo(
    id: "constant-loss", title: "A loss that does not move", severity: .warning, evidence: .proof,
    summary: """
      Over the last half of the history the loss moves by less than a thousandth, and it has not \
      come below nine tenths of its first value.
      """,
    rationale: """
      A loss is flat when the weights stand still, when they move where the loss does not look, or
      when the training is done. The last is no fault: a loss that has come down is left alone
      unless the model predicts the same for every sample, which is no end but a dead one. A loss of
      zero has nothing left to fall.
      """,
    remedy: """
      Make sure that loss.backward() and optimizer.step() run for every batch; then raise the \
      learning rate tenfold.
      """,
    source: "Wardat, Le & Rajan, DeepLocalize (2021)", thresholds: [range, learned],
    harmsLearning: true, link: .outcome, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let curve = try LossCurve(exam)
    if curve.firstNonFinite != nil { return [] }
    let late = curve.values.suffix(curve.values.count / 2)
    guard let low = late.min(), let high = late.max(), let first = curve.values.first,
      let last = curve.values.last
    else { return [] }
    let size = late.reduce(0) { $0 + abs($1) } / Double(late.count)
    let limits = (
      exam.value(Self.range, of: Self.self), exam.value(Self.learned, of: Self.self)
    )
    guard size > 1e-9, high - low < limits.0 * size else { return [] }
    let gained = first - last
    let stuck = gained < (1 - limits.1) * abs(first)
    let deaf =
      exam.isFinite && exam.current.samples > 1 && !exam.run.losses.isEmpty
      && exam.run.losses.allSatisfy { !SignalPath.varies($0.prediction, exam) }
    guard stuck || deaf else { return [] }
    let text =
      deaf
      ? "while the model predicts the same for every sample"
      : "\(Wording.number(last)) after a first value of \(Wording.number(first))"
    return [
      Finding(
        Self.self, .warning, at: Place(.run, "training"),
        """
        Proved on the history: over its last \(Wording.count(late.count, "value")) the loss moves \
        between \(Wording.number(low)) and \(Wording.number(high)), \(text).
        """,
        evidence: [
          Measure(
            "relative_range", (high - low) / size, unit: "of the loss", threshold: limits.0),
          Measure("first", first), Measure("last", last), curve.measure,
        ], tensors: exam.run.losses.map(\.prediction))
    ]
  }
}

extension ConstantLoss {
  private static let examples: [Example] = [
    .fires("flat from the first epoch", at: ["training"]) {
      DivergingLoss.network(&$0, (0..<12).map { 0.6931 + Float($0) * 1e-6 })
    },
    .fires("flat at a dead model, after one step down", at: ["training"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0]], bias: [2])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.record("loss", [50] + (0..<15).map { _ in 0.6667 })
    },
    .silent("converged") {
      DivergingLoss.network(&$0, [10, 5, 2, 1] + (0..<16).map { _ in 0.5 })
    },
    .silent("still falling") { DivergingLoss.network(&$0, (0..<20).map { 10 - Float($0) / 10 }) },
    .silent("nothing left") { DivergingLoss.network(&$0, (0..<20).map { _ in 0 }) },
    .cannotTell("no history") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
