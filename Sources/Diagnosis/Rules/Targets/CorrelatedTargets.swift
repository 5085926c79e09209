import Operators
import Runs

/// Targets that say the same.
struct CorrelatedTargets: Rule {
  static let correlation = Threshold(
    "correlation", 0.999, unit: "|correlation|", "targets that correlate more are the same")
  static let samples = Threshold(
    "samples", 10, unit: "samples", "with fewer, targets may agree by chance")

  static let info = RuleInfo(
    id: "correlated-targets", title: "Targets that repeat each other", severity: .warning,
    evidence: .proof,
    summary: "Two target columns correlate by more than 0.999, or two losses have equal targets.",
    rationale: """
      Heads whose targets are the same learn the same: that they predict alike is then no fault of
      the model. Mostly one column was written twice, or a unit was converted. The two columns of a
      one-hot target with two classes are each other's complement on purpose, and silent.
      """,
    remedy: "Train one head for each different target.", source: "Reasoned",
    thresholds: [correlation, samples], link: .circumstance, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    let terms = exam.run.losses.filter { type(of: $0.loss).info.targets != .classes }
    guard !terms.isEmpty else { return [] }
    let needed = exam.value(Self.samples, of: Self.self)
    let several = Set(terms.map(\.target)).count > 1
    let wide = terms.contains { (exam.data.arrays[$0.target]?.columns.units ?? 1) > 1 }
    guard several || wide else { return [] }
    guard Double(exam.run.samples) >= needed else {
      throw NotChecked(
        "\(Wording.count(exam.run.samples, "sample")) of at least \(Wording.number(needed))")
    }
    var seen: Set<String> = []
    let repeated = terms.compactMap { term in
      seen.insert(term.target).inserted ? columns(term, exam) : nil
    }
    return repeated + equal(terms, exam)
  }

  private func columns(_ term: Run.LossTerm, _ exam: Examination) -> Finding? {
    // Neighbours in a mask are alike, and no columns of their own.
    guard let correlation = exam.targetCorrelations[term.target],
      let vitals = exam.data.arrays[term.target], DenseTargets(term, vitals, exam) == nil
    else { return nil }
    let limit = exam.value(Self.correlation, of: Self.self)
    let width = correlation.mean.count
    if width == 2, correlation.products[1] < 0,
      abs(correlation.mean.reduce(0, +) - 1) < 1e-6
    {
      return nil
    }
    let groups = DuplicateFeatures.groups(correlation, limit: limit)
    guard let first = groups.first else { return nil }
    let value = correlation.products[first[0] * width + first[1]]
    let text = groups.prefix(4).map { "{\(exam.columns($0, of: term.target))}" }.joined(
      separator: ", ")
    return Finding(
      Self.self, .warning,
      at: exam.place(.target, term.target, columns: groups.flatMap { $0 }.sorted()),
      """
      Proved on \(exam.run.samples) samples: the target columns \(text) say the same; the first two \
      correlate by \(Wording.number(value)).
      """,
      evidence: [
        Measure("groups", .array(groups.map { exam.listed($0, of: term.target) })),
        Measure("correlation", value, threshold: limit),
      ], tensors: [term.prediction])
  }

  /// Losses whose target arrays hold the same values under different names.
  private func equal(_ terms: [Run.LossTerm], _ exam: Examination) -> [Finding] {
    var byDigest: [UInt64: [Run.LossTerm]] = [:]
    for term in terms {
      guard let vitals = exam.data.arrays[term.target] else { continue }
      let known = byDigest[vitals.digest] ?? []
      if known.contains(where: { $0.target == term.target }) { continue }
      byDigest[vitals.digest] = known + [term]
    }
    return byDigest.values.filter { $0.count > 1 }.map { $0.sorted { $0.target < $1.target } }
      .sorted { $0[0].target < $1[0].target }
      .map { group in
        let names = group.map(\.target)
        return Finding(
          Self.self, .warning, at: Place(.target, names[0]),
          """
          Proved on \(exam.run.samples) samples: the targets \(names.joined(separator: ", ")) hold \
          the same values.
          """,
          evidence: [Measure("targets", .strings(names)), Measure("correlation", 1.0)],
          tensors: group.map(\.prediction))
      }
  }
}

extension CorrelatedTargets {
  private static func network(
    _ net: inout RunBuilder, _ count: Int, _ row: (Float) -> [Float]
  ) {
    let values = (0..<count).map { Float(($0 * 7) % 12) / 4 - 1 }
    let targets = values.map(row)
    let width = targets.first?.count ?? 0
    net.input(values.map { [$0, $0 * $0] })
    net.dense("fc", (0..<width).map { [0.3, Float($0) / 5 - 0.1] })
    net.loss("mse", shape: [count, width], targets.flatMap { $0 })
  }

  private static let examples: [Example] = [
    .fires("a column written twice in other units", at: ["y[0, 1]"]) {
      network(&$0, 12) { [$0, 100 * $0 + 3, $0 * $0] }
    },
    .fires("two losses on equal targets", at: ["y1"]) { net in
      let values = (0..<12).map { Float($0) / 6 - 1 }
      net.input(values.map { [$0, $0 * $0] })
      net.dense("head1", [[0.3, 0.2]])
      net.loss("mse", target: "y1", shape: [12, 1], values)
      net.branch(from: "x")
      net.dense("head2", [[0.1, -0.2]])
      net.loss("mse", target: "y2", shape: [12, 1], values)
    },
    .silent("columns that are merely related") { network(&$0, 12) { [$0, $0 * $0 * $0] } },
    .silent("a class and its complement") {
      network(&$0, 12) { $0 > 0 ? [1, 0] : [0, 1] }
    },
    .silent("one column") { network(&$0, 12) { [$0] } },
    .cannotTell("three samples") { network(&$0, 3) { [$0, $0] } },
  ]
}
