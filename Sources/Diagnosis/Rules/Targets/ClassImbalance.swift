import Replay
import Runs

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
    let sample = exam.survey.sample
    return zip(exam.run.losses, exam.current.losses).enumerated().compactMap { index, pair in
      let (term, loss) = pair
      // Shares and grey values are no events.
      if sample?.hasSoftTargets(index) == true { return nil }
      return loss.classes.flatMap { finding(term, Counts($0, term, exam), exam) }
    }
  }

  /// Targets and hits by column and label; of targets with positions a column is a channel.
  private struct Counts {
    var actual: [[Int]]
    var correct: [[Int]]

    init(_ counts: ClassCounts, _ term: Run.LossTerm, _ exam: Examination) {
      (actual, correct) = (counts.actual, counts.correct)
      guard actual.count > 1, let labels = actual.first?.count,
        let vitals = exam.data.arrays[term.target],
        let dense = DenseTargets(term, vitals, exam)
      else { return }
      let zeros = [[Int]](repeating: [Int](repeating: 0, count: labels), count: dense.channels)
      (actual, correct) = (zeros, zeros)
      for column in counts.actual.indices {
        let channel = dense.channel(column)
        for label in 0..<labels {
          actual[channel][label] += counts.actual[column][label]
          correct[channel][label] += counts.correct[column][label]
        }
      }
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
    _ term: Run.LossTerm, _ counts: Counts, _ exam: Examination
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
    // Of many rare columns some miss their few events by chance: one alone must miss more than that,
    // or all together.
    if counts.actual.count > 1 {
      let level = 0.05 / Double(counts.actual.count)
      let hits = { (one: Rare) in Int((one.recall * Double(one.count)).rounded()) }
      let certain = rare.filter {
        Chance.atMost(hits($0), of: $0.count, probability: limits.1) <= level
      }
      let (found, all) = events(counts, limits.0)
      if certain.isEmpty, Chance.atMost(found, of: all, probability: limits.1) > 0.05 {
        return nil
      }
      if !certain.isEmpty { rare = certain }
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
      at: isWide
        ? exam.place(.target, term.target, columns: Set(rare.map(\.column)).sorted())
        : Place(.target, term.target, units: Set(rare.map(\.label)).sorted()),
      """
      Proved on \(counts.actual[worst.column].reduce(0, +)) samples: class \(worst.label)\
      \(isWide ? " of column \(exam.column(worst.column, of: term.target))" : "") has \(Wording.count(worst.count, "sample")), \
      the largest \(worst.largest); \(Wording.percent(worst.recall)) of it is recognized.\(more)
      """,
      evidence: [
        Measure("counts", .ints(counts.actual[worst.column]), unit: "samples per class"),
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

  /// How many samples of all rare labels are found, and how many there are.
  private func events(_ counts: Counts, _ ratio: Double) -> (found: Int, all: Int) {
    var (found, all) = (0, 0)
    for (actual, correct) in zip(counts.actual, counts.correct) {
      guard let largest = actual.max() else { continue }
      for label in actual.indices
      where actual[label] > 0 && Double(largest) > ratio * Double(actual[label]) {
        found += correct[label]
        all += actual[label]
      }
    }
    return (found, all)
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
    .silent("one of many rare labels misses its only event") { net in
      // Twelve labels of two events each in 48 rows, which are their own features; the last row is lost.
      let rows: [[Float]] = (0..<48).map { row in
        (0..<12).map { (column: Int) -> Float in column == row % 24 ? 1 : 0 }
      }
      let weights: [[Float]] = (0..<12).map { unit in
        (0..<12).map { (column: Int) -> Float in column == unit && unit > 0 ? 8 : 0 }
      }
      net.input(rows)
      net.dense("fc", weights, bias: [Float](repeating: -4, count: 12))
      net.loss("bce-with-logits", shape: [48, 12], rows.flatMap { $0 })
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
