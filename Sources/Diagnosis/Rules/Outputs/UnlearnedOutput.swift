import Runs
import Trials

/// One of several outputs that stays at its constant while others learn.
struct UnlearnedOutput: Rule {
  static let left = Threshold(
    "left", 0.9, unit: "of the error of the column's mean", "from it on nothing was learned")
  static let learned = Threshold(
    "learned", 0.5, unit: "of the error of the column's mean",
    "up to it another column was learned")
  static let simple = Threshold(
    "simple", 0.2, unit: "of the error of the column's mean",
    "what a simple predictor must gain: then there is something to learn")

  static let info = RuleInfo(
    id: "unlearned-output", title: "An output that did not learn with the others",
    severity: .error, evidence: .proof,
    summary: """
      One column of the targets is predicted no better than by its mean, though inputs tell it, while \
      others were learned.
      """,
    rationale: """
      Several outputs under one loss share their layers, and each pulls by the size of its errors. Under
      squared error a target that is a hundred times as wide pulls ten thousand times as hard: the layers
      serve it alone, and the total loss, which it is nearly all of, falls as it should. The rule looks at
      each column by itself: its error beside that of its mean, and what ridge regression or nearest
      neighbours tell of it, each sample left out. More than 16 columns are those of an image or a signal,
      which are one thing together, and are left alone.
      """,
    remedy: """
      Standardise each target by its own mean and deviation, or weigh the losses so that each column \
      pulls alike.
      """,
    source: "Kendall, Gal & Cipolla (2018), arXiv:1705.07115", thresholds: [left, learned, simple],
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard exam.isTrained != false, exam.run.losses.contains(where: { isWide($0, exam) }) else {
      return []
    }
    try exam.requireLoss()
    guard !exam.outputs.isEmpty else {
      throw NotChecked("too few samples to look at each column by itself")
    }
    return exam.outputs.compactMap { finding($0, exam) }
  }

  /// Whether a loss has several columns of values to predict.
  private func isWide(_ term: Run.LossTerm, _ exam: Examination) -> Bool {
    type(of: term.loss).info.targets == .values
      && (2...OutputShares.most).contains(exam.run.data[term.target]?.rowLength ?? 0)
  }

  private func finding(_ shares: OutputShares, _ exam: Examination) -> Finding? {
    let limits = (
      exam.value(Self.left, of: Self.self), exam.value(Self.learned, of: Self.self),
      exam.value(Self.simple, of: Self.self)
    )
    let columns = shares.left.indices
    let unlearned = columns.filter {
      shares.left[$0] >= limits.0 && shares.simple[$0] <= 1 - limits.2 && shares.deviations[$0] > 0
    }
    let others = columns.filter { shares.left[$0] <= limits.1 && shares.deviations[$0] > 0 }
    guard let worst = unlearned.max(by: { shares.left[$0] < shares.left[$1] }),
      let widest = others.max(by: { shares.slopes[$0] < shares.slopes[$1] })
    else { return nil }
    let name = { exam.column($0, of: shares.target) }
    let ratio = shares.deviations[widest] / shares.deviations[worst]
    let pull =
      ratio > 2
      ? " Its targets deviate by \(Wording.number(shares.deviations[worst])), those of column \(name(widest)) "
        + "by \(Wording.number(shares.deviations[widest])), which pulls as much harder at the layers that "
        + "they share."
      : ""
    return Finding(
      Self.self, .error, at: exam.place(.target, shares.target, columns: unlearned),
      """
      Proved on \(shares.samples) samples: of the error of its mean, column \(name(worst)) of \
      \(shares.target) is left with \(Wording.percent(shares.left[worst])), where a simple predictor \
      leaves \(Wording.percent(shares.simple[worst])); column \(name(widest)) is left with \
      \(Wording.percent(shares.left[widest])).\(pull)
      """,
      evidence: [
        Measure(
          "left", .numbers(shares.left), unit: "of the error of the column's mean",
          threshold: limits.0),
        Measure("simple", .numbers(shares.simple), unit: "of the error of the column's mean"),
        Measure("deviations", .numbers(shares.deviations)),
        Measure("slopes", .numbers(shares.slopes), unit: "share of the loss's squared slopes"),
      ],
      tensors: exam.run.losses.filter { $0.target == shares.target }.map(\.prediction)
        + (exam.run.graph.tensor(named: shares.target).map { [$0] } ?? []))
  }
}

extension UnlearnedOutput {
  /// Two lines through 40 samples, of which some are found.
  private static func lines(
    _ net: inout RunBuilder, slopes: (Float, Float), noise: Bool = false, samples: Int = 40
  ) {
    let x = (0..<samples).map { (Float($0 * 13 % samples), Float($0 * 7 % samples)) }
    let scale = Float(samples) / 2
    net.input(x.map { [$0.0 / scale - 1, $0.1 / scale - 1] })
    net.dense("fc", [[slopes.0, 0], [0, slopes.1]], bias: [0, 0])
    net.loss(
      "mse", shape: [samples, 2],
      x.enumerated().flatMap { row, x in
        let own = noise ? Float(row * row * 31 % 17) / 8 - 1 : x.1 / scale - 1
        return [100 * (x.0 / scale - 1), own]
      })
    net.training["epochs"] = .int(5)
  }

  private static let examples: [Example] = [
    .fires("a narrow column beside a wide one", at: ["y[1]"]) { lines(&$0, slopes: (99, 0)) },
    .silent("both learned") { lines(&$0, slopes: (99, 0.9)) },
    .silent("neither learned") { lines(&$0, slopes: (0, 0)) },
    .silent("a column of noise") { lines(&$0, slopes: (99, 0), noise: true) },
    .silent("one column") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("six samples") { lines(&$0, slopes: (99, 0), samples: 6) },
  ]
}
