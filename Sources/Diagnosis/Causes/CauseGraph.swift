/// The findings with what explains each, and the order in which a reader should take them.
///
/// What explains what stands in `CauseTable`, the order in `CauseOrder`, and how severe a finding is
/// where the training learned all the same in `Mitigation`.
struct CauseGraph {
  /// All findings, causes first.
  let findings: [Finding]
  /// Ids of the causes.
  let causes: [String]

  init(_ found: [Finding]) {
    var findings = Self.consistent(Self.unique(found))
    Self.explain(&findings)
    Self.breakCycles(&findings)
    self.init(linked: ManyPlaces.united(findings))
  }

  /// Findings that tell by now what explains them, in their order.
  init(linked findings: [Finding]) {
    let roots = Self.roots(findings)
    self.findings = CauseOrder.sorted(
      findings, causes: roots, explained: Self.explained(by: findings))
    causes = self.findings.map(\.id).filter(roots.contains)
  }

  /// One finding per id: the worst.
  private static func unique(_ found: [Finding]) -> [Finding] {
    var result: [Finding] = []
    for finding in found {
      if let index = result.firstIndex(where: { $0.id == finding.id }) {
        if finding.severity > result[index].severity { result[index] = finding }
      } else {
        result.append(finding)
      }
    }
    return result
  }

  /// Leaves one of the rules that contradict each other: the one that leaves less of the loss.
  private static func consistent(_ findings: [Finding]) -> [Finding] {
    var findings = findings
    for rules in CauseTable.contradictions {
      let rivals = findings.filter { rules.contains($0.rule) }
      let best = rivals.min {
        ($0.remaining ?? .infinity, $0.rule) < ($1.remaining ?? .infinity, $1.rule)
      }
      findings.removeAll { rules.contains($0.rule) && $0.rule != best?.rule }
    }
    return findings
  }

  /// Links the findings by the table.
  private static func explain(_ findings: inout [Finding]) {
    let all = findings
    let alarms = all.filter(\.isAlarm)
    let alarming = Set(alarms.map(\.id))
    for index in findings.indices {
      let finding = all[index]
      var causes = CauseTable.explanations.causes(of: finding, among: all)
      if finding.isAlarm, alarming.isDisjoint(with: causes) {
        causes += CauseTable.fallbacks.causes(of: finding, among: alarms)
      }
      findings[index].causedBy = causes
    }
  }

  /// Takes out links that would make a finding its own cause: of a cycle, the one that closes it.
  private static func breakCycles(_ findings: inout [Finding]) {
    var links: [String: [String]] = [:]
    for index in findings.indices {
      let id = findings[index].id
      for cause in findings[index].causedBy where !behind([cause], links).contains(id) {
        links[id, default: []].append(cause)
      }
      findings[index].causedBy = links[id] ?? []
    }
  }

  /// How many findings each finding explains, directly or through others.
  private static func explained(by findings: [Finding]) -> [String: Int] {
    let links = Dictionary(
      findings.map { ($0.id, $0.causedBy) }, uniquingKeysWith: { first, _ in first })
    var result: [String: Int] = [:]
    for finding in findings {
      for id in behind(finding.causedBy, links) { result[id, default: 0] += 1 }
    }
    return result
  }

  /// Some findings and all that explain them, directly or through others.
  private static func behind(_ ids: [String], _ links: [String: [String]]) -> Set<String> {
    var open = ids
    var seen: Set<String> = []
    while let id = open.popLast() {
      if seen.insert(id).inserted { open += links[id] ?? [] }
    }
    return seen
  }

  /// The findings that count as causes: warnings and errors that no other warning or error explains,
  /// directly or through notes. A note explains, but there is nothing to change about it first.
  private static func roots(_ findings: [Finding]) -> Set<String> {
    let notes = Dictionary(
      findings.filter { !$0.isAlarm }.map { ($0.id, $0.causedBy) },
      uniquingKeysWith: { first, _ in first })
    let alarms = findings.filter(\.isAlarm)
    let ids = Set(alarms.map(\.id))
    return Set(
      alarms.filter { ids.isDisjoint(with: behind($0.causedBy, notes)) }.map(\.id))
  }
}
