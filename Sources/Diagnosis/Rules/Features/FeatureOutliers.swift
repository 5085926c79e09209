import Runs

/// A few values of a feature far outside of the others.
struct FeatureOutliers: Rule {
  static let share = Threshold(
    "sample-share", 0.01, unit: "share of the samples", "more are no outliers")
  static let variance = Threshold(
    "variance-share", 0.5, unit: "of a column's squared distances",
    "outliers that hold more are a warning")

  static let info = RuleInfo(
    id: "feature-outliers", title: "Features with values far outside", severity: .warning,
    evidence: .heuristic,
    summary: """
      Fewer than 1 % of the samples lie more than 10 robust deviations from the median of a feature.
      """,
    rationale: """
      A value a hundred deviations out moves mean and deviation, so that standardizing squeezes all
      others together, and its sample pulls on the weights with a hundredfold force. Long tails are
      common in healthy data and only worth a note; where such samples hold more than half of a
      column's squared distances they are most of what the column says.
      """,
    remedy: "Check these samples; clip the feature, take its logarithm, or scale by quantiles.",
    source: "Leys et al., Detecting outliers: Do not use standard deviation (2013): MAD",
    thresholds: [share, variance], harmsLearning: true, link: .circumstance, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let ids = exam.idInputs
    let names = exam.run.graph.inputs.map { exam.run.graph.tensors[$0] }
      .filter { !ids.contains($0) }
    if names.isEmpty { throw NotChecked("the inputs are ids, which have no size") }
    guard names.contains(where: { exam.survey.outliers[$0] != nil }) else {
      throw NotChecked(
        exam.run.samples < 20
          ? "\(Wording.count(exam.run.samples, "sample")) of at least 20"
          : "too many features to look at each")
    }
    let limits = (
      exam.value(Self.share, of: Self.self), exam.value(Self.variance, of: Self.self)
    )
    return names.compactMap { name in
      guard let found = exam.survey.outliers[name], found.count > 0,
        Double(found.count) <= max(1, limits.0 * Double(exam.run.samples)),
        let worst = found.samples.max(by: { $0.score < $1.score })
      else { return nil }
      let columns = Set(found.samples.map(\.column)).sorted()
      let largest = columns.map { found.shares[$0] }.max() ?? 0
      return Finding(
        Self.self, largest > limits.1 ? .warning : .note,
        at: exam.place(.input, name, columns: columns),
        """
        On \(exam.run.samples) samples: \(found.count) \(found.count == 1 ? "lies" : "lie") more \
        than 10 robust deviations from the median in \(columns.count == 1 ? "column" : "columns") \
        \(exam.columns(columns, of: name)), sample \(worst.row) by \(Wording.number(worst.score)). They \
        hold up to \(Wording.percent(largest)) of a column's squared distances.
        """,
        evidence: [
          Measure("samples", .ints(found.samples.map(\.row))),
          Measure("count", found.count),
          Measure("largest_distance", worst.score, unit: "robust deviations"),
          Measure("variance_share", largest, threshold: limits.1),
        ])
    }
  }
}

extension FeatureOutliers {
  private static func network(_ net: inout RunBuilder, _ value: (Int) -> Float) {
    let x = (0..<120).map { [value($0), Float(($0 * 7) % 11) / 5] }
    net.input(x)
    net.dense("fc", [[0.1, 1]])
    net.loss("mse", shape: [120, 1], (0..<120).map { Float(($0 * 7) % 11) / 5 })
  }

  private static let examples: [Example] = [
    .fires("one value of a thousand", at: ["x[0]"]) {
      network(&$0) { $0 == 50 ? 1000 : Float(($0 * 13) % 17) / 8 }
    },
    .fires("one value some way out: a note", at: ["x[0]"]) {
      network(&$0) { $0 == 50 ? 14 : Float(($0 * 13) % 17) / 8 }
    },
    .silent("evenly spread") { network(&$0) { Float(($0 * 13) % 17) / 8 } },
    .silent("a column that is mostly zero") { network(&$0) { $0 % 10 == 0 ? Float($0) : 0 } },
    .silent("two groups") { network(&$0) { $0 % 2 == 0 ? 1 : 100 } },
    .cannotTell("four samples") { net in
      net.input([[1], [2], [3], [1000]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    },
  ]
}
