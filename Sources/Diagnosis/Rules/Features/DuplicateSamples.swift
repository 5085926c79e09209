import Runs

/// Samples that are there more than once.
struct DuplicateSamples: Rule {
  static let share = Threshold(
    "share", 0.05, unit: "share of the samples", "more exact copies are reported")

  static let info = RuleInfo(
    id: "duplicate-samples", title: "Samples that repeat each other", severity: .warning,
    evidence: .proof,
    summary: "More than 5 % of the samples equal an earlier one in every input and target.",
    rationale: """
      A copy tells a training nothing new, and weighs double what it tells. Copies that fall on both
      sides of a split make the validation loss a training loss. Data of few different values, such
      as a table of yes and no, repeats itself by nature: that is a note.
      """,
    remedy: "Drop the copies, or split by groups of equal samples.",
    source: "Barz & Denzler, Do We Train on Test Data? (2020), arXiv:1902.00423",
    thresholds: [share], link: .circumstance, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard let found = exam.survey.duplicates else {
      throw exam.withoutDuplicates
    }
    let copies = found.samples - found.distinctRows
    let limit = exam.value(Self.share, of: Self.self)
    let share = Double(copies) / Double(found.samples)
    guard share > limit else { return [] }
    let severity: Severity = Self.isContinuous(exam) ? .warning : .note
    let first = found.groups.first.map { Wording.indices($0) } ?? ""
    return [
      Finding(
        Self.self, severity, at: Place(.run, "data"),
        """
        Proved on \(found.samples) samples: \(copies) of them (\(Wording.percent(share))) equal an \
        earlier one; the largest group is \(first).
        """,
        evidence: [
          Measure("copies", copies), Measure("share", share, threshold: limit),
          Measure("distinct", found.distinctRows),
          Measure("groups", .strings(found.groups.map { Wording.indices($0) })),
        ])
    ]
  }

  /// Whether some column has so many values that rows should not meet by chance: its deviation is
  /// small against its range in steps of what float32 tells apart, which only a label count shows.
  static func isContinuous(_ exam: Examination) -> Bool {
    guard let found = exam.survey.duplicates else { return false }
    let inputs = exam.run.graph.inputs.map { exam.run.graph.tensors[$0] }
    let width = inputs.reduce(0) { $0 + (exam.run.data[$1]?.rowLength ?? 0) }
    // Few different rows in all, or few columns of few labels, are discrete data.
    let labels = inputs.compactMap { exam.data.arrays[$0]?.labels?.count }
    if width == 1, let values = labels.first { return values > exam.run.samples / 2 }
    return found.distinctInputs > max(64, exam.run.samples / 4)
  }
}

extension DuplicateSamples {
  private static func network(_ net: inout RunBuilder, distinct: Int, of count: Int) {
    let rows = (0..<count).map { row in
      let index = Float(row % distinct)
      return [index / 10, (index * 7.3).truncatingRemainder(dividingBy: 3) - 1]
    }
    net.input(rows)
    net.dense("fc", [[1, 0.5]])
    net.loss("mse", shape: [count, 1], rows.map { $0[0] + $0[1] })
  }

  private static let examples: [Example] = [
    .fires("every tenth sample is there twice", at: ["data"]) {
      network(&$0, distinct: 100, of: 110)
    },
    .fires("data of four rows repeats itself by nature: a note", at: ["data"]) {
      network(&$0, distinct: 4, of: 40)
    },
    .silent("no two are equal") { network(&$0, distinct: 100, of: 100) },
    .silent("one copy in fifty") { network(&$0, distinct: 100, of: 102) },
    .silent("equal inputs with other targets are no copies") { net in
      net.input([[1, 2], [1, 2], [0, 1], [2, 1]])
      net.dense("fc", [[1, 0.5]])
      net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    },
    .cannotTell("one sample") { net in
      net.input([[1, 2]])
      net.dense("fc", [[1, 0.5]])
    },
  ]
}
