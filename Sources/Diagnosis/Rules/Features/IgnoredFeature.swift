import Runs

/// A feature that does not move the predictions at all.
struct IgnoredFeature: Rule {
  static let share = Threshold(
    "share", 1e-6, unit: "of all features' effect", "a smaller effect is none")

  static let info = RuleInfo(
    id: "ignored-feature", title: "A feature that the model ignores", severity: .note,
    evidence: .heuristic,
    summary:
      "A feature that varies changes the predictions by less than a millionth of all effects.",
    rationale: """
      Each feature in turn is set to its mean, and the change of the predictions compared with that
      of all features together. One that changes nothing is cut off by zero weights or dead units,
      or so small beside the others that its weight cannot make up for it. It may well be a feature
      that says nothing, so that this is worth a note.
      """,
    remedy: "Scale the feature if it should matter, or leave it out.",
    source: "Breiman, Random Forests (2001), section 10: variable importance",
    thresholds: [share], link: .circumstance, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard exam.featurePlaces.count > 1 else { return [] }
    guard let sensitivity = exam.survey.sensitivity else {
      throw exam.withoutSensitivity
    }
    let limit = exam.value(Self.share, of: Self.self)
    let places = exam.featurePlaces
    let ids = exam.idInputs
    let idle = sensitivity.shares.indices.filter { index in
      guard sensitivity.shares[index] < limit, places.indices.contains(index),
        !ids.contains(places[index].input),
        let columns = exam.data.arrays[places[index].input]?.columns,
        columns.units > places[index].column
      else { return false }
      return columns.variance(places[index].column) > 0
    }
    let byInput = Dictionary(grouping: idle) { places[$0].input }
    return byInput.sorted { $0.key < $1.key }.map { input, found in
      let columns = found.map { places[$0].column }
      return Finding(
        Self.self, .note, at: exam.place(.input, input, columns: columns),
        """
        On \(sensitivity.samples) samples, setting \(columns.count == 1 ? "column" : "columns") \
        \(exam.columns(columns, of: input)) to the mean changes the predictions by less than \
        \(Wording.number(limit)) of what all features do.
        """,
        evidence: [
          Measure("columns", exam.listed(columns, of: input)),
          Measure("shares", .numbers(found.map { sensitivity.shares[$0] }), threshold: limit),
        ])
    }
  }
}

extension IgnoredFeature {
  private static func network(_ net: inout RunBuilder, _ weights: [Float], constant: Bool = false) {
    let x = (0..<12).map { [Float($0 % 5), constant ? 3 : Float($0 % 3)] }
    net.input(x)
    net.dense("fc", [weights])
    net.loss("mse", shape: [12, 1], x.map { $0[0] })
  }

  private static let examples: [Example] = [
    .fires("a weight of zero", at: ["x[1]"]) { network(&$0, [1, 0]) },
    .fires("a feature of a billionth", at: ["x[0]"]) { net in
      net.input((0..<12).map { [Float($0) * 1e-9, Float($0 % 5)] })
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [12, 1], (0..<12).map(Float.init))
    },
    .silent("both count") { network(&$0, [1, 0.1]) },
    .silent("a feature that never changes is another fault") {
      network(&$0, [1, 1], constant: true)
    },
    .silent("a small effect") { network(&$0, [1, 1e-4]) },
    .silent("one feature only") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("no loss") { net in
      net.input([[1, 2], [2, 1]])
      net.dense("fc", [[1, 1]])
    },
  ]
}
