import Runs

/// Inputs that are too much alike for what is asked of them.
struct LowDiversity: Rule {
  static let variation = Threshold(
    "variation", 1e-3, unit: "of the inputs' magnitude", "less in every column is too little")

  static let rank = Threshold(
    "rank", 0.05, unit: "effective rank / features", "features that spread less are noted")
  /// Fewer features may well be alike.
  private static let manyFeatures = 20

  static let info = RuleInfo(
    id: "low-diversity", title: "Inputs that are nearly the same", severity: .warning,
    evidence: .proof,
    summary: """
      There are fewer different inputs than different targets, at most half as many as samples; or \
      no column varies by more than a thousandth of its magnitude.
      """,
    rationale: """
      A model is a function: equal inputs get equal outputs. Where the data holds fewer different
      inputs than targets, some targets are out of reach. Where the samples differ only in their
      fourth digit, they look the same to a network as it is initialised: its outputs move by a
      thousandth, and its gradients cannot tell the samples apart.
      """,
    remedy: "Collect inputs that differ, or subtract the mean and scale what is left.",
    source: "LeCun et al., Efficient BackProp (1998), section 4.3",
    thresholds: [variation, rank], harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireSamples()
    var findings: [Finding] = []
    let limit = exam.value(Self.variation, of: Self.self)
    for input in exam.run.graph.inputs where !exam.run.graph.holdsIds(input) {
      let name = exam.run.graph.tensors[input]
      guard let columns = exam.data.arrays[name]?.columns, columns.units > 0,
        columns.nonFinite.allSatisfy({ $0 == 0 })
      else { continue }
      let ratios = (0..<columns.units).map { column in
        let deviation = columns.variance(column).squareRoot()
        let size = (deviation * deviation + columns.mean[column] * columns.mean[column])
          .squareRoot()
        return size > 0 ? deviation / size : 0
      }
      guard let most = ratios.max(), most > 0, most < limit else { continue }
      findings.append(
        Finding(
          Self.self, .warning, at: Place(.input, name),
          """
          Proved on \(exam.run.samples) samples: no column varies by more than \
          \(Wording.number(most)) of its magnitude.
          """,
          evidence: [Measure("variation", most, unit: "deviation / magnitude", threshold: limit)],
          tensors: [input]))
    }
    return findings + [fewer(exam), flat(exam)].compactMap { $0 }
  }

  /// Many features that spread in a few directions only: worth a note.
  private func flat(_ exam: Examination) -> Finding? {
    let features = exam.featurePlaces.count
    guard exam.idInputs.isEmpty, let rank = exam.survey.effectiveRank,
      features >= Self.manyFeatures,
      rank < exam.value(Self.rank, of: Self.self) * Double(min(features, exam.run.samples))
    else { return nil }
    return Finding(
      Self.self, .note, at: Place(.run, "features"),
      """
      Proved on \(min(exam.run.samples, 512)) samples: \(features) features spread like \
      \(Wording.number(rank)) independent ones.
      """,
      evidence: [
        Measure("effective_rank", rank, unit: "participation ratio of the standardized features"),
        Measure("features", features),
      ])
  }

  /// Fewer different inputs than targets.
  private func fewer(_ exam: Examination) -> Finding? {
    guard let found = exam.survey.duplicates,
      let conflict = found.conflicts.max(by: { $0.unexplained < $1.unexplained }),
      2 * found.distinctInputs <= found.samples, conflict.unexplained > 0.5
    else { return nil }
    return Finding(
      Self.self, .warning, at: Place(.run, "data"),
      """
      Proved on \(found.samples) samples: there are only \(found.distinctInputs) different inputs, \
      and \(Wording.percent(conflict.unexplained)) of the variance of \(conflict.target) lies \
      between samples with the same one.
      """,
      evidence: [
        Measure("distinct_inputs", found.distinctInputs),
        Measure("unexplained", conflict.unexplained, unit: "of the targets' variance"),
      ])
  }
}

extension LowDiversity {
  private static func network(_ net: inout RunBuilder, _ rows: [[Float]], _ targets: [Float]) {
    net.input(rows)
    net.dense("fc", [[1, 0.5]])
    net.loss("mse", shape: [rows.count, 1], targets)
  }

  private static let examples: [Example] = [
    .fires("samples that differ in the fifth digit", at: ["x"]) { net in
      network(
        &net, (0..<8).map { [1 + Float($0) / 1e5, 2 - Float($0 % 3) / 1e5] },
        (0..<8).map(Float.init))
    },
    .fires("two inputs for eight targets", at: ["data"]) { net in
      network(&net, (0..<8).map { [Float($0 % 2), 1] }, [0, 10, 3, 2, 7, 5, 9, 1])
    },
    .fires("thirty features that are one: a note", at: ["features"]) { net in
      net.input((0..<40).map { row in (0..<30).map { Float(row * ($0 + 1)) / 100 } })
      net.dense("fc", [[Float](repeating: 0.1, count: 30)])
      net.loss("mse", shape: [40, 1], (0..<40).map(Float.init))
    },
    .silent("samples that differ") { net in
      network(&net, (0..<8).map { [Float($0), 2 - Float($0 % 3)] }, (0..<8).map(Float.init))
    },
    .silent("two inputs for two targets") { net in
      network(&net, (0..<8).map { [Float($0 % 2), 1] }, (0..<8).map { Float($0 % 2) })
    },
    .silent("a small column beside one that varies") { net in
      network(&net, (0..<8).map { [1 + Float($0) / 1e5, Float($0)] }, (0..<8).map(Float.init))
    },
    .cannotTell("one sample") { network(&$0, [[1, 2]], [1]) },
  ]
}
