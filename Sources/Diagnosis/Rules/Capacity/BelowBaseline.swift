import Runs
import Trials

/// A trained network that a simple predictor beats.
struct BelowBaseline: Rule {
  static let gap = Threshold(
    "gap", 0.1, unit: "of the best constant prediction's score",
    "what the simple predictor must be better by")
  static let share = Threshold(
    "share", 0.75, unit: "of the network's loss or errors",
    "the most that the simple predictor may leave")
  static let level = Threshold(
    "level", 0.98, unit: "of the best constant prediction's score",
    "a network from there on learned nothing, which is a finding of its own")

  static let info = RuleInfo(
    id: "below-baseline", title: "Worse than a simple predictor", severity: .warning,
    evidence: .proof,
    summary: """
      Ridge regression or nearest neighbours leave at most three quarters of the trained network's \
      loss or errors, in every one of five parts of the same rows.
      """,
    rationale: """
      A network that learned something may still be worse than a few lines without a network. Both
      are judged on the validation data, or where there is none on rows that the network was trained
      on and the simple predictor was not, which favours the network. The simple predictor must win in
      each of five parts, by a tenth of what a constant loses, so that chance explains nothing. It is
      what came of a fault and no fault itself: whatever else was found explains it, and alone it says
      that something keeps the network from learning what is there. Predictors of this kind need
      numbers: rows of more than 1024 values are left alone, and so are ids, unless every position of
      a sequence has a label of its own: then the simple predictor is the most frequent label of each
      id. Networks whose targets are their inputs, as in autoencoders, are left alone as well.
      """,
    remedy: """
      Fit the simple predictor's score first: train on twenty rows until their loss is near zero, then \
      on all, and change one thing at a time (rate, updates, width, scaling, regularization).
      """,
    source: "Karpathy, A Recipe for Training Neural Networks (2019): baselines",
    thresholds: [gap, share, level], link: .outcome, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    if exam.isTrained == false { return [] }
    let match: BaselineMatch
    switch exam.baselineMatch {
    case .not(let reason): throw NotChecked(reason)
    case .done(let done): match = done
    }
    guard match.constant > 0, match.won == match.parts,
      match.network - match.simple >= exam.value(Self.gap, of: Self.self) * match.constant,
      match.simple <= exam.value(Self.share, of: Self.self) * match.network,
      match.network < exam.value(Self.level, of: Self.self) * match.constant
    else { return [] }
    let text = { (value: Double) in
      match.score == .errors
        ? "\(Wording.percent(value)) wrong" : "a loss of \(Wording.number(value))"
    }
    let rows = "\(match.rows) rows\(match.isOnValidation ? " of the validation data" : "")"
    return [
      Finding(
        Self.self, .warning, at: Place(.run, "training"),
        """
        Proved on \(rows): the network has \(text(match.network)), and \(match.predictor)\
        \(match.isOnValidation ? "" : ", on rows it has not seen,") has \(text(match.simple)); a \
        constant has \(text(match.constant)). It is better in all \(match.parts) parts of the rows.
        """,
        evidence: [
          Measure("network", match.network, unit: unit(match)),
          Measure("simple", match.simple, unit: unit(match)),
          Measure("constant", match.constant, unit: unit(match)),
          Measure("predictor", .string(match.predictor)), Measure("rows", match.rows),
        ], tensors: exam.run.losses.map(\.prediction))
    ]
  }

  private func unit(_ match: BaselineMatch) -> String {
    match.score == .errors ? "share of wrong labels" : "loss"
  }
}

extension BelowBaseline {
  /// y = x₀ − x₁ on 60 rows, by two slopes.
  private static func plane(
    _ net: inout RunBuilder, _ slopes: [Float], rows count: Int = 60, noise: Bool = false
  ) {
    let x = rows(count)
    net.input(x)
    net.dense("fc", [slopes])
    let targets = x.indices.map { index -> Float in
      noise ? Float((index * 37) % 17) / 8 - 1 : x[index][0] - x[index][1]
    }
    net.loss("mse", shape: [count, 1], targets)
    net.training["epochs"] = .int(5)
  }

  private static func rows(_ count: Int) -> [[Float]] {
    (0..<count).map { row -> [Float] in
      [Float((row * 7) % 11) / 5 - 1, Float((row * 5) % 13) / 6 - 1]
    }
  }

  /// Three ids, whose label is the id, by the label that a network says for each.
  private static func tagger(_ net: inout RunBuilder, _ said: [Int]) {
    let ids = (0..<240).map { Float(($0 * 7) % 5 % 3) }
    let scores = said.flatMap { label in (0..<3).map { $0 == label ? Float(3) : 0 } }
    net.parameter("emb", shape: [3, 3], scores)
    net.input(shape: [60, 4], ids)
    net.branch(from: "emb")
    net.layer("Gather", "look", operands: ["x"], attributes: ["axis": .int(0)])
    net.layer("Transpose", "swap", attributes: ["perm": .array([.int(0), .int(2), .int(1)])])
    net.loss("cross-entropy", shape: [60, 4], ids)
    net.training["epochs"] = .int(5)
  }

  private static let examples: [Example] = [
    .fires("half of the first slope, and no second one", at: ["training"]) {
      plane(&$0, [0.5, 0])
    },
    .fires("a classifier that looks at one of two columns", at: ["training"]) { net in
      let x = rows(100)
      net.input(x)
      net.dense("fc", [[0, 0], [3, 0]])
      net.loss(
        "cross-entropy", shape: [100], x.map { row -> Float in row[0] + 2 * row[1] > 0.1 ? 1 : 0 })
      net.training["epochs"] = .int(5)
    },
    .fires("a tagger that takes one id for another", at: ["training"]) { tagger(&$0, [0, 0, 2]) },
    .silent("a tagger that knows the label of every id") { tagger(&$0, [0, 1, 2]) },
    .silent("the slopes of the targets") { plane(&$0, [1, -1]) },
    .silent("nearly so") { plane(&$0, [0.9, -0.9]) },
    .silent("nothing to learn") { plane(&$0, [0.1, 0], noise: true) },
    .silent("not trained") { net in
      plane(&net, [0.5, 0])
      net.training["epochs"] = .int(0)
    },
    .cannotTell("an autoencoder of one unit: a copy is no rival") { net in
      let x = rows(60)
      net.input(x)
      net.dense("code", [[0.5, 0.5]])
      net.dense("back", [[1], [1]])
      net.loss("mse", shape: [60, 2], x.flatMap { $0 })
      net.training["epochs"] = .int(5)
    },
    .cannotTell("ten rows") { plane(&$0, [0.5, 0], rows: 10) },
  ]
}
