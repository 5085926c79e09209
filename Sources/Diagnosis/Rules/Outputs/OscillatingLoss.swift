import Replay

/// A recorded loss that swings up and down.
struct OscillatingLoss: Rule {
  static let turns = Threshold(
    "turns", 0.5, unit: "share of the steps that turn back", "a loss that turns more often swings")
  static let amplitude = Threshold(
    "amplitude", 0.1, unit: "median change / level", "smaller swings are noise")
  static let open = Threshold(
    "open", 0.05, unit: "of the first loss", "swings around a smaller loss do not matter")

  static let info = RuleInfo(
    id: "oscillating-loss", title: "A loss that swings", severity: .warning, evidence: .heuristic,
    summary: """
      In the second half of the history the loss changes direction in more than half of its steps, \
      by more than 10 % of its level.
      """,
    rationale: """
      A step close to the limit of stability throws the weights from one side of a valley to the
      other: the loss jumps instead of falling. Batches make some noise in any loss, and so single
      steps are averaged over an epoch first. A loss that has come down to less than a twentieth of
      where it began has converged, and what is left of it may swing.
      """,
    remedy: "Lower the learning rate or the momentum, or use larger batches.",
    source: "Cohen et al., Gradient Descent Typically Occurs at the Edge of Stability (2021)",
    thresholds: [turns, amplitude, open], harmsLearning: true, link: .outcome, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let curve = try LossCurve(exam)
    if curve.firstNonFinite != nil { return [] }
    let late = Array(curve.values.suffix(max(curve.values.count / 2, 8)))
    guard late.count >= 8, let first = curve.values.first else { return [] }
    let changes = zip(late.dropFirst(), late).map { $0 - $1 }
    let reversals = zip(changes.dropFirst(), changes).filter { $0 * $1 < 0 }.count
    let share = Double(reversals) / Double(changes.count - 1)
    let level = LossCurve.median(late)
    let size = LossCurve.median(changes.map(abs))
    let limits = (
      exam.value(Self.turns, of: Self.self), exam.value(Self.amplitude, of: Self.self),
      exam.value(Self.open, of: Self.self)
    )
    guard share > limits.0, level > 0, size > limits.1 * level, level > limits.2 * abs(first) else {
      return []
    }
    return [
      Finding(
        Self.self, .warning, at: Place(.run, "training"),
        """
        In the second half of the history the loss turned in \(Wording.percent(share)) of its \
        steps, by a median of \(Wording.number(size)) around \(Wording.number(level)).
        """,
        evidence: [
          Measure("turns", share, unit: "share of the steps", threshold: limits.0),
          Measure("amplitude", size / level, unit: "median change / level", threshold: limits.1),
          curve.measure,
        ], tensors: exam.run.losses.map(\.prediction))
    ]
  }
}

extension OscillatingLoss {
  private static let examples: [Example] = [
    .fires("from one side to the other", at: ["training"]) {
      DivergingLoss.network(&$0, (0..<20).map { $0 % 2 == 0 ? 3 : 5 })
    },
    .fires("swings after a fall to one half", at: ["training"]) {
      DivergingLoss.network(&$0, [10, 9, 8, 7, 6, 5, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6])
    },
    .silent("a falling loss") {
      DivergingLoss.network(&$0, (0..<20).map { 10 / Float($0 + 1) })
    },
    .silent("small noise around a level") {
      DivergingLoss.network(&$0, (0..<20).map { 5 + ($0 % 2 == 0 ? 0.1 : -0.1) })
    },
    .silent("converged: what is left swings") {
      DivergingLoss.network(
        &$0, [100, 50, 20, 10, 5, 2, 1, 0.5] + (0..<16).map { $0 % 2 == 0 ? 0.2 : 0.4 })
    },
    .cannotTell("no history") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
