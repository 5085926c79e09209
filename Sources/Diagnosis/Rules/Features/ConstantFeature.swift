import Replay
import Runs

/// Input columns that never change.
struct ConstantFeature: Rule {
  static let warnShare = Threshold(
    "warn-share", 0.5, unit: "share of an input's columns", "more constant columns are a warning")

  static let info = RuleInfo(
    id: "constant-feature", title: "Features that never change", severity: .note,
    evidence: .proof, summary: "A column of an input has the same value on every sample.",
    rationale: """
      A column without variation says nothing about the target; its weights act as one more bias.
      A few are common and harmless, such as the dark corners of images or a class that the sample
      misses, which is a note. Where most columns are constant something went wrong when the data
      was read, and where all are the model can learn no more than the mean.
      """,
    remedy: "Drop the columns, and look at how they were read or filled in.",
    source: "scikit-learn, VarianceThreshold", thresholds: [warnShare], link: .circumstance,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireSamples()
    var findings: [Finding] = []
    var reason: String?
    for input in exam.run.graph.inputs where exam.feedsKernel(input) {
      let name = exam.run.graph.tensors[input]
      guard let vitals = exam.data.arrays[name] else { continue }
      if !vitals.hasColumns {
        reason = "input \(name) has more than \(DataPass.columnLimit) columns"
      } else if vitals.columns.nonFinite.contains(where: { $0 > 0 }) {
        reason = "input \(name) has values that are not finite"
      } else if let found = finding(input, vitals, exam) {
        findings.append(found)
      }
    }
    if findings.isEmpty, let reason { throw NotChecked(reason) }
    return findings
  }

  private func finding(_ input: Int, _ vitals: ArrayVitals, _ exam: Examination) -> Finding? {
    let columns = vitals.columns
    let constant = (0..<columns.units).filter { columns.minimum[$0] == columns.maximum[$0] }
    guard !constant.isEmpty else { return nil }
    let share = Double(constant.count) / Double(columns.units)
    let limit = exam.value(Self.warnShare, of: Self.self)
    let severity: Severity = share == 1 ? .error : share > limit ? .warning : .note
    let which = share == 1 ? "all" : exam.columns(constant, of: vitals.name)
    return Finding(
      Self.self, severity, at: exam.place(.input, vitals.name, columns: constant),
      """
      Proved on \(exam.run.samples) samples: \(constant.count) of \
      \(Wording.count(columns.units, "column")) (\(which)) \
      \(constant.count == 1 ? "has" : "have") the same value on every sample.
      """,
      evidence: [
        Measure("columns", exam.listed(constant, of: vitals.name)),
        Measure("values", .numbers(constant.map { Double(columns.minimum[$0]) })),
        Measure("share", share, unit: "share of the input's columns", threshold: limit),
      ], tensors: [input])
  }
}

extension ConstantFeature {
  private static func network(_ net: inout RunBuilder, _ rows: [[Float]]) {
    net.input(rows)
    net.dense("fc", [(rows.first ?? []).map { _ in 0.5 }])
    net.loss("mse", shape: [rows.count, 1], rows.indices.map { Float($0) })
  }

  private static let examples: [Example] = [
    .fires("one column of three: a note", at: ["x[1]"]) {
      network(&$0, [[1, 5, 2], [-1, 5, 1], [0.5, 5, 0]])
    },
    .fires("no column varies", at: ["x[0, 1]"]) { network(&$0, [[3, 5], [3, 5], [3, 5]]) },
    .silent("a column with a single other value") { network(&$0, [[1, 0], [2, 0], [3, 1]]) },
    .silent("all columns vary") { network(&$0, [[1, 4], [2, 5], [3, 7]]) },
    .cannotTell("one sample") { network(&$0, [[1, 4]]) },
  ]
}
