import Runs

/// One feature that decides the predictions alone.
struct DominantFeature: Rule {
  static let share = Threshold(
    "share", 0.99, unit: "of all features' effect", "more in one feature is reported")

  static let info = RuleInfo(
    id: "dominant-feature", title: "A feature that drowns the others", severity: .note,
    evidence: .heuristic,
    summary: "One feature of several has more than 99 % of the effect on the predictions.",
    rationale: """
      Each feature in turn is set to its mean, and the change of the predictions compared with that
      of all features together. A feature with all of the effect may be the right one; it may be one
      whose values are a thousand times the others', or one that gives the target away. So it is a
      note, and a warning where the columns are not scaled and the model did not learn.
      """,
    remedy: "Scale the features, and check that this one does not leak the target.",
    source: "Breiman, Random Forests (2001), section 10: variable importance",
    thresholds: [share], link: .circumstance, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard exam.featurePlaces.count > 1 else { return [] }
    guard let sensitivity = exam.survey.sensitivity else {
      throw exam.withoutSensitivity
    }
    let limit = exam.value(Self.share, of: Self.self)
    let places = exam.featurePlaces
    guard let index = sensitivity.shares.firstIndex(where: { $0 > limit }),
      places.indices.contains(index), !exam.idInputs.contains(places[index].input)
    else { return [] }
    let place = places[index]
    let failed = exam.isTrained == true && (exam.relativeLoss?.current ?? 0) > 0.5
    return [
      Finding(
        Self.self, failed && isLarge(place, exam) ? .warning : .note,
        at: exam.place(.input, place.input, columns: [place.column]),
        """
        On \(sensitivity.samples) samples, column \(exam.column(place.column, of: place.input)) has \
        \(Wording.percent(sensitivity.shares[index])) of the effect that all \
        \(sensitivity.shares.count) features have on the predictions.
        """,
        evidence: [Measure("share", sensitivity.shares[index], threshold: limit)])
    ]
  }

  /// Whether the column's values are a hundred times those of the median column.
  private func isLarge(_ place: (input: String, column: Int), _ exam: Examination) -> Bool {
    guard let columns = exam.data.arrays[place.input]?.columns, columns.units > 1 else {
      return false
    }
    let sizes = (0..<columns.units).map { columns.variance($0) }.filter { $0 > 0 }.sorted()
    guard sizes.count > 1 else { return false }
    return columns.variance(place.column) > 1e4 * sizes[(sizes.count - 1) / 2]
  }
}

extension DominantFeature {
  private static func network(_ net: inout RunBuilder, _ weights: [Float], size: Float = 1) {
    let x = (0..<12).map { [size * Float($0 % 5), Float($0 % 3)] }
    net.input(x)
    net.dense("fc", [weights])
    net.loss("mse", shape: [12, 1], x.map { $0[1] })
  }

  private static let examples: [Example] = [
    .fires("a thousand times the other", at: ["x[0]"]) { network(&$0, [1, 1], size: 1000) },
    .fires("the only weight that counts", at: ["x[1]"]) { network(&$0, [1e-4, 1]) },
    .silent("both count") { network(&$0, [1, 1]) },
    .silent("nine tenths are not all") { network(&$0, [5, 1]) },
    .silent("a large feature with a small weight") { network(&$0, [1e-3, 1], size: 1000) },
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
