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
    /// nil where it cannot tell: such findings keep their place among the others.
    let value: @Sendable (Entry) -> Double?

    init(_ name: String, _ value: @escaping @Sendable (Entry) -> Double?) {
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
    Criterion("what reproduces the end of the training before what might have helped it") {
      $0.finding.facts.reproducesEnd ? 0 : 1
    },
    Criterion("what is certain before what is likely") { certainty($0.finding) },
    Criterion("what is worth the most in the cure that was proved") { -$0.finding.facts.worth },
    Criterion("what leaves the least of the loss once it is mended") { $0.finding.remaining ?? 0 },
    // What was there before the training is no news of it, and has no part in this order.
    Criterion("what began first before what began later") { $0.finding.since?.onset },
    Criterion("what explains the most") { -Double($0.explains) },
  ]

  /// What is written in the graph or the data comes before the state that a training left units in, and that
  /// before what trials showed; what is only likely comes after all of them, and units of a layer that mostly
  /// works come last.
  private static func certainty(_ finding: Finding) -> Double {
    if few.contains(finding.rule) { return finding.severity < .error ? 3 : 0.5 }
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
    let entries = findings.map { finding in
      Entry(
        finding: finding, isCause: causes.contains(finding.id),
        explains: explained[finding.id] ?? 0)
    }
    return arranged(entries, by: criteria[...]).map(\.finding)
  }

  private static func arranged(_ entries: [Entry], by rest: ArraySlice<Criterion>) -> [Entry] {
    guard let first = rest.first, entries.count > 1 else {
      return entries.sorted { $0.finding.id < $1.finding.id }
    }
    let groups = Dictionary(grouping: entries) { first.value($0) }
    if groups[nil] == nil {
      return groups.sorted { ($0.key ?? 0) < ($1.key ?? 0) }
        .flatMap { arranged($0.value, by: rest.dropFirst()) }
    }
    // It tells some of them apart: these change places with each other alone.
    var result = arranged(entries, by: rest.dropFirst())
    let values = result.map(first.value)
    let places = result.indices.filter { values[$0] != nil }
    let told = places.sorted { ((values[$0] ?? 0), $0) < ((values[$1] ?? 0), $1) }
      .map { result[$0] }
    for (place, entry) in zip(places, told) { result[place] = entry }
    return result
  }
}
