import Replay
import Runs

/// Input columns that repeat others.
struct DuplicateFeatures: Rule {
  static let correlation = Threshold(
    "correlation", 0.9999, unit: "|correlation|", "columns that correlate more are the same")
  static let warnShare = Threshold(
    "warn-share", 0.5, unit: "share of an input's columns", "more repeated columns are a warning")
  static let samples = Threshold(
    "samples", 10, unit: "samples", "with fewer, columns may agree by chance")

  static let info = RuleInfo(
    id: "duplicate-features", title: "Features that repeat each other", severity: .note,
    evidence: .proof, summary: "Two columns of an input correlate by more than 0.9999.",
    rationale: """
      A column that is a multiple of another, such as a length in metres and in feet, adds nothing.
      Networks bear it: the weights share the work, and only the direction in which they cancel is
      never learned, which slows plain gradient descent down on linear models. It is a note, unless
      most columns repeat others: then the data is probably not what it was meant to be.
      """,
    remedy: "Keep one column of each group.", source: "Belsley, Kuh & Welsch (1980)",
    thresholds: [correlation, warnShare, samples], harmsLearning: true, link: .circumstance,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let needed = exam.value(Self.samples, of: Self.self)
    guard Double(exam.run.samples) >= needed else {
      throw NotChecked(
        "\(Wording.count(exam.run.samples, "sample")) of at least \(Wording.number(needed))")
    }
    var findings: [Finding] = []
    var reason: String?
    for input in exam.run.graph.inputs where exam.feedsKernel(input) {
      let name = exam.run.graph.tensors[input]
      if let correlation = exam.correlations[name] {
        if let found = finding(input, name, correlation, exam) { findings.append(found) }
      } else {
        reason = exam.withoutCorrelation(name)
      }
    }
    if findings.isEmpty, let reason { throw NotChecked(reason) }
    return findings
  }

  /// Groups of columns that are linked by a correlation beyond a limit, of two and more.
  static func groups(_ correlation: Correlation, limit: Double) -> [[Int]] {
    let width = correlation.mean.count
    var group = Array(0..<width)
    for a in 0..<width where group[a] == a && correlation.deviation[a] > 0 {
      for b in (a + 1)..<max(a + 1, width) where correlation.deviation[b] > 0 && group[b] == b {
        if abs(correlation.products[a * width + b]) > limit { group[b] = a }
      }
    }
    return Dictionary(grouping: 0..<width) { group[$0] }.values.filter { $0.count > 1 }
      .map { $0.sorted() }.sorted { $0[0] < $1[0] }
  }

  private func finding(
    _ input: Int, _ name: String, _ correlation: Correlation, _ exam: Examination
  ) -> Finding? {
    let limit = exam.value(Self.correlation, of: Self.self)
    let groups = Self.groups(correlation, limit: limit)
    guard !groups.isEmpty else { return nil }
    let spare = groups.reduce(0) { $0 + $1.count - 1 }
    let width = correlation.mean.count
    let share = Double(spare) / Double(width)
    let text = groups.prefix(4).map { "{\(exam.columns($0, of: name))}" }.joined(separator: ", ")
    return Finding(
      Self.self, share > exam.value(Self.warnShare, of: Self.self) ? .warning : .note,
      at: exam.place(.input, name, columns: groups.flatMap { $0 }.sorted()),
      """
      Proved on \(exam.run.samples) samples: the columns \(text)\(groups.count > 4 ? ", …" : "") \
      are the same up to scale and offset: \(width) columns are worth \(width - spare).
      """,
      evidence: [
        Measure("groups", .array(groups.map { exam.listed($0, of: name) })),
        Measure("columns_left", width - spare, unit: "columns"),
        Measure("share_repeated", share, unit: "share of the input's columns"),
      ], tensors: [input])
  }
}

extension DuplicateFeatures {
  private static func network(
    _ net: inout RunBuilder, _ count: Int, _ row: (Float) -> [Float]
  ) {
    let rows = (0..<count).map { row(Float(($0 * 7) % 12) / 4 - 1) }
    net.input(rows)
    net.dense("fc", [(rows.first ?? []).map { _ in 0.5 }])
    net.loss("mse", shape: [count, 1], (0..<count).map { Float($0) })
  }

  private static let examples: [Example] = [
    .fires("metres and feet: a note", at: ["x[0, 2]"]) {
      network(&$0, 12) { [$0, $0 * $0, 3.28 * $0] }
    },
    .fires("four columns that are one", at: ["x[0, 1, 2, 3]"]) {
      network(&$0, 12) { [$0, -$0, $0 + 5, 2 * $0] }
    },
    .silent("columns that are merely related") { network(&$0, 12) { [$0, $0 * $0 * $0] } },
    .silent("two constant columns have no correlation") { network(&$0, 12) { [$0, 5, 5] } },
    .cannotTell("three samples") { network(&$0, 3) { [$0, $0] } },
  ]
}
