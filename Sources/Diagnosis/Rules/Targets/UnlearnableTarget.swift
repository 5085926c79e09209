import Runs

/// Targets that nothing in the inputs tells.
struct UnlearnableTarget: Rule {
  static let pValue = Threshold(
    "p-value", 0.1, unit: "share of permutations", "a smaller one says that there is something")
  static let trace = Threshold(
    "trace", 0.05, unit: "R², leaving one out",
    "less counts only where hardly any permutation reaches it")
  static let fewest = Threshold("samples", 16, unit: "samples", "fewer cannot tell")
  static let perFeature = Threshold(
    "per-feature", 3, unit: "samples per feature", "fewer cannot tell")

  static let info = RuleInfo(
    id: "unlearnable-target", title: "Targets that the inputs do not tell", severity: .warning,
    evidence: .heuristic,
    summary: """
      Neither ridge regression nor nearest neighbours beat the constant predictor on samples left \
      out, by permutation test, and no trial or validation does.
      """,
    rationale: """
      No scaling, learning rate or initialisation teaches a network what is not in its inputs:
      targets drawn at random, labels that were shuffled or joined with the wrong rows. Two simple
      predictors, one for straight relations and one for any smooth one, are tried on up to 512
      samples, leaving each out in turn; permuting the targets shows what chance alone would reach. Where the
      network learned nothing and a predictor explains less than a twentieth, only a p-value a fifth as large
      counts as something.
      A pattern that only a network finds would escape both, so that a trial of the training
      that does better on samples kept aside, or a validation loss below a constant's, settles it the
      other way.
      """,
    remedy: "Check that the targets belong to these rows, and look for features that matter.",
    source: "Ojala & Garriga, Permutation Tests for Studying Classifier Performance (2010)",
    thresholds: [pValue, trace, fewest, perFeature], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard !exam.run.losses.isEmpty else { throw NotChecked("the run has no loss") }
    let needed = Int(exam.value(Self.fewest, of: Self.self))
    guard exam.run.samples >= needed else {
      throw NotChecked("\(exam.run.samples) samples are too few to tell chance from pattern")
    }
    let found = zip(exam.run.losses, exam.survey.baselines).compactMap { term, baselines in
      baselines.map { (term, $0) }
    }
    guard !found.isEmpty else {
      throw exam.withoutBaselines
    }
    let width = found.map(\.1.width).max() ?? 0
    guard
      Double(exam.run.samples) >= exam.value(Self.perFeature, of: Self.self) * Double(width)
        || found.allSatisfy({ $0.1.samples < exam.run.samples })
    else {
      throw NotChecked(
        "\(exam.run.samples) samples of \(width) features are too few to tell chance from pattern")
    }
    if exam.isLearnedBeyondTraining || exam.survey.isTable { return [] }
    let limit = exam.value(Self.pValue, of: Self.self)
    if !exam.idInputs.isEmpty, found.contains(where: { $0.1.pValue > limit }) {
      throw NotChecked(
        "the inputs hold ids, of which simple predictors see which occur, but not in what order")
    }
    return found.compactMap { term, baselines in
      let best = baselines.scores.max { $0.score < $1.score }
      let isTrace =
        (best?.score ?? 0) < exam.value(Self.trace, of: Self.self) && learnedNothing(exam)
      guard baselines.pValue > (isTrace ? limit / 5 : limit) else { return nil }
      return Finding(
        Self.self, .warning, at: Place(.target, term.target),
        """
        On \(baselines.samples) samples, each left out in turn, \(best?.name ?? "no predictor") \
        explains \(Wording.percent(best?.score ?? 0)) of the targets' variance; against 99 random \
        permutations of the targets, the p-value of that is \(Wording.number(baselines.pValue)).\
        \(trials(exam))
        """,
        evidence: [
          Measure("p_value", baselines.pValue, threshold: limit),
          Measure("best_score", best?.score ?? 0, unit: "R², leaving one out"),
          Measure("predictors", .strings(baselines.scores.map(\.name))),
          Measure("scores", .numbers(baselines.scores.map(\.score)), unit: "R²"),
        ], tensors: [term.prediction])
    }
  }

  private func learnedNothing(_ exam: Examination) -> Bool {
    exam.isTrained != false && (exam.relativeLoss?.current ?? 0) >= Limits.nothing.value
  }

  private func trials(_ exam: Examination) -> String {
    guard case .done(let all) = exam.trials, all.isHeldOut else { return "" }
    // Those that go on from the end of the training have seen the samples kept aside.
    let unseen = all.all.filter { $0.changes.start != .after }
    guard let best = unseen.map({ $0.best() }).min() else { return "" }
    return """
       The best of \(unseen.count) trials leaves \(Wording.percent(best)) of the constant's \
      loss on \(all.judged) samples kept aside.
      """
  }
}

extension UnlearnableTarget {
  /// 60 samples of two features.
  private static func network(
    _ net: inout RunBuilder, count: Int = 60, _ target: (Int, [Float]) -> Float
  ) {
    var state: UInt32 = 7
    func next() -> Float {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 23) - 1
    }
    let rows = (0..<count).map { _ in [next(), next()] }
    net.input(rows)
    net.dense("fc", [[0.1, -0.2]])
    let values = rows.indices.map { row in
      let noise = next()
      return target(row, rows[row] + [noise])
    }
    net.loss("mse", shape: [count, 1], values)
  }

  private static let examples: [Example] = [
    .fires("targets drawn at random", at: ["y"]) { network(&$0) { $1[2] } },
    .fires("signs drawn at random", at: ["y"]) { network(&$0, count: 40) { $1[2] > 0 ? 1 : 0 } },
    .silent("a plane with noise") { network(&$0) { $1[0] - $1[1] + $1[2] / 2 } },
    .silent("a ring") {
      network(&$0, count: 200) { $1[0] * $1[0] + $1[1] * $1[1] < 0.5 ? 1 : 0 }
    },
    .silent("a sine that no line fits") {
      network(&$0, count: 120) { _, row in
        let t = row[0] * 3
        return t - t * t * t / 6 + t * t * t * t * t / 120
      }
    },
    .cannotTell("tokens, whose order no simple predictor sees") { net in
      let rows: [[Float]] = (0..<60).map { row in
        (0..<4).map { (place: Int) -> Float in
          let token = (row * (3 + place) + row / 7) % 9
          return Float(token)
        }
      }
      net.input(rows)
      let table: [Float] = (0..<18).map { Float($0 % 5) / 5 - 0.4 }
      net.parameter("table", shape: [9, 2], table)
      net.branch(from: "table")
      net.layer("Gather", "embedding", operands: ["x"])
      net.layer("Flatten")
      net.dense("fc", [[Float](repeating: 0.1, count: 8)])
      let targets: [Float] = (0..<60).map { (row: Int) -> Float in
        let noise = (row * 29 + row * row * 7) % 31
        return Float(noise) / 31
      }
      net.loss("mse", shape: [60, 1], targets)
    },
    .cannotTell("four samples") { network(&$0, count: 4) { $1[2] } },
  ]
}
