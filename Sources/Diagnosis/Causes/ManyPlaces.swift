/// One fault in many places is one finding: what to do about it is done once.
enum ManyPlaces {
  /// Unites findings of one rule that are equally bad, in places of one kind, with the same remedy and
  /// the same causes. The first of them keeps its place, its message and its evidence.
  static func united(_ findings: [Finding]) -> [Finding] {
    var findings = findings
    while true {
      // What only explains in passing, as notes do, does not make two faults of one.
      let notes = Set(findings.filter { $0.severity == .note }.map(\.id))
      let groups = Dictionary(grouping: findings.indices) { Key(findings[$0], notes) }
        .filter { $0.key.isUnitable && $0.value.count > 1 }.values
      guard !groups.isEmpty else { return findings }
      findings = merged(findings, groups.map { $0.sorted() })
    }
  }

  private struct Key: Hashable {
    let rule: RuleID
    let severity: Severity
    let kind: Place.Kind
    let remedy: String
    let causes: [String]

    init(_ finding: Finding, _ notes: Set<String>) {
      rule = finding.rule
      severity = finding.severity
      kind = finding.place.kind
      remedy = finding.remedy
      causes = finding.causedBy.filter { !notes.contains($0) }.sorted()
    }

    /// Layers and parameters come in any number, and by one cause; inputs, targets and outputs are
    /// few, and each has figures of its own.
    var isUnitable: Bool { kind == .layer || kind == .parameter }
  }

  private static func merged(_ findings: [Finding], _ groups: [[Int]]) -> [Finding] {
    var leader: [String: String] = [:]
    var united = findings
    var dropped: Set<Int> = []
    for group in groups {
      guard let first = group.first else { continue }
      for index in group.dropFirst() {
        leader[findings[index].id] = findings[first].id
        dropped.insert(index)
      }
      united[first] = one(group.map { findings[$0] }) ?? findings[first]
    }
    return united.indices.filter { !dropped.contains($0) }.map { index in
      var finding = united[index]
      var seen: Set<String> = [finding.id]
      finding.causedBy = finding.causedBy.map { leader[$0] ?? $0 }.filter {
        seen.insert($0).inserted
      }
      return finding
    }
  }

  private static func one(_ group: [Finding]) -> Finding? {
    guard var first = group.first else { return nil }
    if first.others.isEmpty { first.message = "\(first.place.name): \(first.message)" }
    first.others += group.dropFirst().flatMap(\.places)
    for finding in group.dropFirst() {
      first.tensors += finding.tensors
      first.causedBy += finding.causedBy
      first.remaining = [first.remaining, finding.remaining].compactMap { $0 }.min()
    }
    return first
  }
}
