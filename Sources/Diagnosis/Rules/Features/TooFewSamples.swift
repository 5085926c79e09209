import Runs

/// Data too small to tell what is asked of it.
struct TooFewSamples: Rule {
  static let perFeature = Threshold(
    "per-feature", 10, unit: "samples per feature and output", "fewer may be too few")
  static let scarce = Threshold(
    "scarce", 3, unit: "samples per feature and output", "fewer are a warning, more a note")
  static let fewest = Threshold(
    "fewest", 30, unit: "samples", "fewer are a warning, however few the features are")
  static let settled = Threshold(
    "settled", 0.9, unit: "R², leaving one out",
    "a simple predictor that explains as much is enough")

  static let info = RuleInfo(
    id: "too-few-samples", title: "Too few samples", severity: .warning, evidence: .heuristic,
    summary: """
      There are fewer than 10 samples for each feature and output, and no simple predictor explains \
      nine tenths of the samples that it has not seen.
      """,
    rationale: """
      With about as many weights as samples any network fits its training data, and nothing says
      what it does in between. The rule of thumb of ten samples per feature is no law: two points make
      a line if the line is true. So data that a simple predictor already explains, leaving each
      sample out, is enough, and so are a complete table of all there is, and a model that does well
      on its validation data.
      """,
    remedy: "Collect more samples, use fewer features or a smaller model, and validate.",
    source: "Harrell, Regression Modeling Strategies (2015), section 4.4",
    thresholds: [perFeature, scarce, fewest, settled], link: .circumstance, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard !exam.run.losses.isEmpty else { throw NotChecked("the run has no loss") }
    let numbers = exam.run.graph.inputs.filter { !exam.run.graph.holdsIds($0) }
    guard !numbers.isEmpty else {
      throw NotChecked("the inputs are ids, whose number of columns says nothing of features")
    }
    let inputs = numbers.compactMap { exam.data.arrays[exam.run.graph.tensors[$0]] }
    guard inputs.allSatisfy({ $0.shape.count <= 2 }) else { return [] }
    let columns = inputs.flatMap { vitals in
      (0..<vitals.columns.units).map { vitals.columns.variance($0) }
    }
    let features = max(1, columns.filter { $0 > 0 }.count)
    let outputs =
      exam.run.losses.map { term in
        type(of: term.loss).info.targets == .classes
          ? 1 : max(1, exam.data.arrays[term.target]?.columns.units ?? 1)
      }.max() ?? 1
    let samples = exam.run.samples
    let needed = exam.value(Self.perFeature, of: Self.self) * Double(features * outputs)
    let scarce = max(
      exam.value(Self.scarce, of: Self.self) * Double(features * outputs),
      exam.value(Self.fewest, of: Self.self))
    guard Double(samples) < needed, !exam.survey.isTable else { return [] }
    if let left = exam.validationRelativeLoss, left < 0.5 { return [] }
    let settled = exam.value(Self.settled, of: Self.self)
    let best = exam.survey.baselines.compactMap { $0?.best }.max()
    if let best, best >= settled { return [] }
    let what = best.map {
      "the best simple predictor explains \(Wording.percent($0)) of samples left out"
    }
    return [
      Finding(
        Self.self, Double(samples) < scarce ? .warning : .note, at: Place(.run, "data"),
        """
        \(Wording.count(samples, "sample")) for \(Wording.count(features, "feature")) and \
        \(Wording.count(outputs, "output")), where \(Wording.number(needed)) would be usual; \
        \(what ?? "too few to leave any out").
        """,
        evidence: [
          Measure("samples", samples), Measure("features", features), Measure("outputs", outputs),
          Measure("usual", needed, unit: "samples"),
          Measure("best_score", best ?? 0, unit: "R², leaving one out", threshold: settled),
        ])
    ]
  }
}

extension TooFewSamples {
  /// Samples of a plane with some noise.
  private static func network(_ net: inout RunBuilder, _ count: Int, noise: Float) {
    let rows: [[Float]] = (0..<count).map { row in
      let (a, b) = (Float((row * 7) % 11), Float((row * 5) % 13))
      return [a / 5 - 1, b / 6 - 1]
    }
    net.input(rows)
    net.dense("fc", [[1, -1]])
    let targets: [Float] = rows.indices.map { row in
      let error = Float((row * 37) % 17 - 8) / 8
      return rows[row][0] - rows[row][1] + noise * error
    }
    net.loss("mse", shape: [count, 1], targets)
  }

  private static let examples: [Example] = [
    .fires("eight samples of noise in two features", at: ["data"]) { network(&$0, 8, noise: 5) },
    .fires("three samples", at: ["data"]) { network(&$0, 3, noise: 0) },
    .silent("twelve samples of a true plane") { network(&$0, 12, noise: 0) },
    .silent("forty samples with noise") { network(&$0, 40, noise: 1) },
    .silent("a complete table") { net in
      net.input([[0, 0], [0, 1], [1, 0], [1, 1]])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [4, 1], [0, 1, 1, 0])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
