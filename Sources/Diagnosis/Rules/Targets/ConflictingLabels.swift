import Runs

/// Equal inputs with different targets.
struct ConflictingLabels: Rule {
  static let warn = Threshold(
    "unexplained", 0.1, unit: "of the targets' variance", "more out of reach is a warning")
  static let error = Threshold(
    "error-unexplained", 0.5, unit: "of the targets' variance", "more out of reach is an error")

  static let info = RuleInfo(
    id: "conflicting-labels", title: "Equal inputs with different targets", severity: .error,
    evidence: .proof,
    summary: "Samples with equal inputs have different targets: no model can have both right.",
    rationale: """
      A model gives equal inputs equal outputs, so that what the targets vary between samples with
      the same input is lost to any model. The share of their variance that this makes up is the
      floor under the squared error, in terms of what a constant loses; for labels it is the floor
      under the Brier score. Data of few values has such pairs by chance, and a small share is a
      note; a large one means that labels were shuffled or damaged, or that a feature is missing.
      """,
    remedy: "Check how labels were joined with samples, and add what tells these samples apart.",
    source: "Northcutt, Jiang & Chuang, Confident Learning (2021), arXiv:1911.00068",
    thresholds: [warn, error], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard !exam.run.losses.isEmpty || !exam.refused.isEmpty else {
      throw NotChecked("the run has no loss")
    }
    guard let found = exam.survey.duplicates else {
      throw exam.withoutDuplicates
    }
    return found.conflicts.map { conflict in
      let severity: Severity =
        conflict.unexplained > exam.value(Self.error, of: Self.self)
        ? .error : conflict.unexplained > exam.value(Self.warn, of: Self.self) ? .warning : .note
      let first = conflict.groups.first ?? []
      return Finding(
        Self.self, severity, at: Place(.target, conflict.target),
        """
        Proved on \(found.samples) samples: \(conflict.samples) of them share their inputs with a \
        sample of another target (\(Wording.indices(Array(first.prefix(6)))) for one). \
        \(Wording.percent(conflict.unexplained)) of the targets' variance is out of every model's \
        reach.
        """,
        evidence: [
          Measure("samples", conflict.samples),
          Measure(
            "unexplained", conflict.unexplained, unit: "of the targets' variance",
            threshold: exam.value(Self.warn, of: Self.self)),
          Measure("groups", .strings(conflict.groups.map { Wording.indices($0) })),
        ])
    }
  }
}

extension ConflictingLabels {
  private static func network(
    _ net: inout RunBuilder, _ rows: [[Float]], labels: [Float]
  ) {
    net.input(rows)
    net.dense("fc", [[1, 0.5], [0.2, -1]])
    net.loss("cross-entropy", shape: [rows.count], labels)
  }

  private static let examples: [Example] = [
    .fires("each input with either label", at: ["y"]) {
      network(&$0, [[1, 2], [1, 2], [0, 1], [0, 1]], labels: [0, 1, 1, 0])
    },
    .fires("values that differ", at: ["y"]) { net in
      net.input([[1], [1], [2], [3]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [4, 1], [1, 5, 2, 3])
    },
    .fires("one label in many is off: a note", at: ["y"]) { net in
      network(
        &net, (0..<40).map { [Float($0 / 2), 1] },
        labels: (0..<40).map { $0 == 39 ? 0 : $0 < 20 ? 0 : 1 })
    },
    .silent("copies that agree") {
      network(&$0, [[1, 2], [1, 2], [0, 1], [0, 1]], labels: [0, 0, 1, 1])
    },
    .silent("inputs that differ") {
      network(&$0, [[1, 2], [1, 3], [0, 1], [0, 2]], labels: [0, 1, 1, 0])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
