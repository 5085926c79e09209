import Replay

/// Rare classes that the model gives up.
struct ClassImbalance: Rule {
  static let ratio = Threshold(
    "ratio", 10, unit: "largest class / smallest", "classes farther apart are imbalanced")
  static let recall = Threshold(
    "recall", 0.3, unit: "share of a class that is found", "a rare class found less often fires")

  static let info = RuleInfo(
    id: "class-imbalance", title: "Rare classes that are not found", severity: .warning,
    evidence: .proof,
    summary: """
      A class is more than ten times rarer than the largest, and less than 30 % of it is recognized.
      """,
    rationale: """
      The loss is a mean over samples, so that a rare class moves it little: ignoring it may cost a
      few per cent. Imbalance alone is no fault, and many models cope; it counts where the recall of
      the rare class shows that this one does not. A model that was not trained yet finds nothing
      on purpose and is left out.
      """,
    remedy: "Weigh the classes in the loss, or draw the rare ones more often.",
    source: "Buda, Maki & Mazurowski (2018), arXiv:1710.05381", thresholds: [ratio, recall],
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    guard exam.current.losses.contains(where: { $0.classes != nil }) else { return [] }
    if exam.isTrained == false {
      throw NotChecked("the run was not trained: nothing is recognized yet")
    }
    return zip(exam.run.losses, exam.current.losses).compactMap { term, loss in
      loss.classes.flatMap { finding(term, $0, exam) }
    }
  }

  private struct Rare {
    let column: Int
    let label: Int
    let count: Int
    let largest: Int
    let recall: Double
  }

  private func finding(
    _ term: Run.LossTerm, _ counts: ClassCounts, _ exam: Examination
  ) -> Finding? {
    let limits = (
      exam.value(Self.ratio, of: Self.self), exam.value(Self.recall, of: Self.self)
    )
    var rare: [Rare] = []
    for column in counts.actual.indices {
      let actual = counts.actual[column]
      guard let largest = actual.max(), largest > 0 else { continue }
      for label in actual.indices where actual[label] > 0 {
        let recall = Double(counts.correct[column][label]) / Double(actual[label])
        guard Double(largest) > limits.0 * Double(actual[label]), recall < limits.1 else {
          continue
        }
        rare.append(
          Rare(
            column: column, label: label, count: actual[label], largest: largest, recall: recall))
      }
    }
    guard let worst = rare.min(by: { ($0.recall, $0.count) < ($1.recall, $1.count) }) else {
      return nil
    }
    let isWide = counts.actual.count > 1
    let more =
      rare.count > 1
      ? " \(rare.count - 1) more rare \(isWide ? "columns" : "classes") fare alike." : ""
    return Finding(
      Self.self, .warning,
      at: Place(
        .target, term.target, units: Set(rare.map { isWide ? $0.column : $0.label }).sorted()),
      """
      Proved on \(counts.actual[worst.column].reduce(0, +)) samples: class \(worst.label)\
      \(isWide ? " of column \(worst.column)" : "") has \(Wording.count(worst.count, "sample")), \
      the largest \(worst.largest); \(Wording.percent(worst.recall)) of it is recognized.\(more)
      """,
      evidence: [
        Measure("counts", .ints(counts.actual[worst.column]), unit: "samples a class"),
        Measure(
          "recalls",
          .array(
            counts.actual[worst.column].indices.map { label in
              let actual = counts.actual[worst.column][label]
              return actual > 0
                ? .number(Double(counts.correct[worst.column][label]) / Double(actual)) : .null
            }), unit: "share of the class", threshold: limits.1),
        Measure(
          "ratio", Double(worst.largest) / Double(worst.count), unit: "largest / smallest",
          threshold: limits.0),
      ], tensors: [term.prediction])
  }

  func causes(of finding: Finding, among all: [Finding], _ exam: Examination) -> [Finding] {
    // A model that says one thing always fails at all classes alike.
    all.about(finding.tensors, rules: [IdenticalOutputs.self]).filter { $0.severity > .note }
  }
}

extension ClassImbalance {
  /// Twenty-two samples of class 0 and two of class 1, which lie apart.
  private static func network(
    _ net: inout RunBuilder, _ weights: [[Float]], bias: [Float], epochs: Int = 5
  ) {
    net.input((0..<24).map { $0 < 22 ? [-1, Float($0) / 22] : [1, Float($0 % 2)] })
    net.dense("fc", weights, bias: bias)
    net.loss("cross-entropy", shape: [24], (0..<24).map { $0 < 22 ? 0 : 1 })
    net.training["epochs"] = .int(epochs)
  }

  private static let examples: [Example] = [
    .fires("the rare class is never predicted", at: ["y[1]"]) {
      network(&$0, [[0, 0], [0, 0.1]], bias: [1, 0])
    },
    .fires("a rare event", at: ["y[1]"]) { net in
      net.input((0..<24).map { [Float($0) / 24] })
      net.dense("fc", [[0.1]], bias: [-2])
      net.loss("bce-with-logits", shape: [24, 1], (0..<24).map { $0 == 3 ? 1 : 0 })
      net.training["epochs"] = .int(5)
    },
    .silent("the rare class is found") {
      network(&$0, [[-1, 0], [1, 0]], bias: [0, 0])
    },
    .silent("balanced classes, not learned yet") { net in
      net.input((0..<24).map { [Float($0) / 24] })
      net.dense("fc", [[0], [0.1]], bias: [1, 0])
      net.loss("cross-entropy", shape: [24], (0..<24).map { Float($0 % 2) })
      net.training["epochs"] = .int(5)
    },
    .silent("a regression") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("not trained") {
      network(&$0, [[0, 0], [0, 0.1]], bias: [1, 0], epochs: 0)
    },
  ]
}
