/// The order in which a reader should take the findings: by the first criterion that tells two apart.
enum CauseOrder {
  /// What the criteria go by.
  struct Entry {
    let finding: Finding
    /// Whether no other warning or error explains it.
    let isCause: Bool
    /// How many findings it explains, directly or through others.
    let explains: Int
  }

  /// One reason to read a finding before another: the one with the smaller value comes first.
  struct Criterion: Sendable {
    /// What comes first by it.
    let name: String
    let value: @Sendable (Entry) -> Double

    init(_ name: String, _ value: @escaping @Sendable (Entry) -> Double) {
      self.name = name
      self.value = value
    }
  }

  /// The criteria, most important first. Findings that none of them tells apart are in the order of
  /// their ids.
  static let criteria = [
    Criterion("causes before what they explain") { $0.isCause ? 0 : 1 },
    Criterion("causes that somebody can change before outcomes") {
      $0.isCause && $0.finding.chainLink == .outcome ? 1 : 0
    },
    Criterion("the more severe first") {
      switch $0.finding.severity {
      case .error: 0
      case .warning: 1
      case .note: 2
      }
    },
    Criterion("what kept every step from changing anything") {
      $0.finding.facts.stopsTraining ? 0 : 1
    },
    Criterion("what is certain before what is likely") { certainty($0.finding) },
    Criterion("what leaves the least of the loss once it is mended") { $0.finding.remaining ?? 0 },
    Criterion("what explains the most") { -Double($0.explains) },
  ]

  /// What is written in the graph or the data comes before what trials showed; what is only likely
  /// comes after both, and units of a layer that mostly works come last.
  private static func certainty(_ finding: Finding) -> Double {
    if few.contains(finding.rule), finding.severity < .error { return 3 }
    if finding.remaining != nil { return 1 }
    return finding.info?.evidence == .proof ? 0 : 2
  }

  /// Rules that make an error of it when most units of a layer are concerned.
  private static let few: [RuleID] = [.deadUnits, .saturatedUnits]

  /// Sorts findings.
  ///
  /// - Parameters:
  ///   - causes: ids of those that are causes.
  ///   - explained: by id, how many others a finding explains.
  static func sorted(
    _ findings: [Finding], causes: Set<String>, explained: [String: Int]
  ) -> [Finding] {
    let ranked = findings.map { finding in
      let entry = Entry(
        finding: finding, isCause: causes.contains(finding.id),
        explains: explained[finding.id] ?? 0)
      return (finding: finding, values: criteria.map { $0.value(entry) })
    }
    return ranked.sorted { a, b in
      for (x, y) in zip(a.values, b.values) where x != y { return x < y }
      return a.finding.id < b.finding.id
    }.map(\.finding)
  }
}
