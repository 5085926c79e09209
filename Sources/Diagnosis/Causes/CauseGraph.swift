/// The findings with their links, and the order in which a reader should take them.
struct CauseGraph {
  /// All findings, causes first.
  let findings: [Finding]
  /// Ids of the causes.
  let causes: [String]

  init(_ found: [Finding], _ rules: [any Rule], _ exam: Examination) {
    var findings = Self.consistent(Self.unique(found))
    let byRule = Dictionary(
      rules.map { (type(of: $0).info.id, $0) }, uniquingKeysWith: { first, _ in first })
    for index in findings.indices {
      let finding = findings[index]
      guard let rule = byRule[finding.rule] else { continue }
      let causes = rule.causes(of: finding, among: findings, exam).map(\.id)
      findings[index].causedBy = Set(causes).subtracting([finding.id]).sorted()
    }
    Self.explainRest(&findings, findings.map { byRule[$0.rule]?.link(of: $0) ?? .fault })
    Self.breakCycles(&findings)
    findings = ManyPlaces.united(findings)
    let links = findings.map { byRule[$0.rule]?.link(of: $0) ?? .fault }
    let explained = Self.explained(by: findings)
    let roots = Self.roots(findings)
    let link = Dictionary(
      zip(findings.map(\.id), links), uniquingKeysWith: { first, _ in first })
    let proofs = Set(byRule.values.map { type(of: $0).info }.filter(\.isProof).map(\.id))
    let order = findings.sorted { a, b in
      if roots.contains(a.id) != roots.contains(b.id) { return roots.contains(a.id) }
      // Nobody can change an outcome itself.
      let (i, j) = (link[a.id] == .outcome, link[b.id] == .outcome)
      if i != j, roots.contains(a.id) { return j }
      if a.severity != b.severity { return a.severity > b.severity }
      if a.stopsTraining != b.stopsTraining { return a.stopsTraining }
      let (p, q) = (Self.tier(a, proofs), Self.tier(b, proofs))
      if p != q { return p < q }
      let (r, s) = (a.remaining ?? 0, b.remaining ?? 0)
      if r != s { return r < s }
      let (m, n) = (explained[a.id] ?? 0, explained[b.id] ?? 0)
      if m != n { return m > n }
      return a.id < b.id
    }
    self.findings = order
    causes = order.map(\.id).filter(roots.contains)
  }

  /// Of causes that are equally bad, what is written in the graph or the data comes before what
  /// trials showed, the most promising of these first, and what is only likely comes
  /// last, but for units of a layer that mostly works.
  private static func tier(_ finding: Finding, _ proofs: Set<String>) -> Int {
    let units = [DeadUnits.info.id, SaturatedUnits.info.id].contains(finding.rule)
    if units, finding.severity < .error { return 3 }
    return finding.remaining != nil ? 1 : proofs.contains(finding.rule) ? 0 : 2
  }

  /// Consequences that no rule could explain by structure: what the user sees comes of the faults,
  /// or else of the states that they led to; a state comes of the faults that are errors.
  private static func explainRest(_ findings: inout [Finding], _ links: [ChainLink]) {
    let alarms = findings.indices.filter { findings[$0].severity > .note }
    let severity = Dictionary(
      findings.map { ($0.id, $0.severity) }, uniquingKeysWith: { first, _ in first })
    let faults = alarms.filter { links[$0] == .fault }
    // Where no step changed anything, that alone is why the outcome is what it is.
    let stops = faults.filter { findings[$0].stopsTraining }
    let states = alarms.filter { links[$0] == .state }
    for index in alarms where links[index] == .outcome || links[index] == .state {
      let explained = findings[index].causedBy.contains { (severity[$0] ?? .note) > .note }
      guard !explained else { continue }
      let candidates =
        links[index] == .state
        ? faults.filter { findings[$0].severity == .error }
        : !stops.isEmpty ? stops : faults.isEmpty ? states : faults
      findings[index].causedBy += candidates.map { findings[$0].id }.sorted()
    }
  }

  /// Advice that contradicts itself helps nobody: of a learning rate that is too high and too low, what
  /// leaves less of the loss stays.
  static func consistent(_ findings: [Finding]) -> [Finding] {
    let ids = [LearningRateTooHigh.info.id, LearningRateTooLow.info.id]
    let rates = findings.filter { ids.contains($0.rule) }
    guard Set(rates.map(\.rule)).count > 1,
      let best = rates.min(by: {
        ($0.remaining ?? .infinity, $0.rule) < ($1.remaining ?? .infinity, $1.rule)
      })
    else { return findings }
    return findings.filter { !ids.contains($0.rule) || $0.rule == best.rule }
  }

  /// One finding an id: the worst.
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

  /// Takes out links that would make a finding its own cause: of a cycle, the one that closes it.
  private static func breakCycles(_ findings: inout [Finding]) {
    var links: [String: [String]] = [:]
    for index in findings.indices {
      let id = findings[index].id
      var kept: [String] = []
      for cause in findings[index].causedBy where !reaches(cause, id, links) {
        kept.append(cause)
        links[id, default: []].append(cause)
      }
      findings[index].causedBy = kept
    }
  }

  private static func reaches(_ from: String, _ to: String, _ links: [String: [String]]) -> Bool {
    var open = [from]
    var seen: Set<String> = []
    while let id = open.popLast() {
      if id == to { return true }
      if seen.insert(id).inserted { open += links[id] ?? [] }
    }
    return false
  }

  /// How many findings each finding explains, directly or through others.
  private static func explained(by findings: [Finding]) -> [String: Int] {
    let links = Dictionary(
      findings.map { ($0.id, $0.causedBy) }, uniquingKeysWith: { first, _ in first })
    var result: [String: Int] = [:]
    for finding in findings {
      var open = finding.causedBy
      var seen: Set<String> = []
      while let id = open.popLast() {
        guard seen.insert(id).inserted else { continue }
        result[id, default: 0] += 1
        open += links[id] ?? []
      }
    }
    return result
  }

  /// The findings that count as causes: warnings and errors that no other warning or error explains,
  /// directly or through notes. A note explains, but there is nothing to change about it first.
  private static func roots(_ findings: [Finding]) -> Set<String> {
    let byID = Dictionary(findings.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return Set(
      findings.filter { finding in
        guard finding.severity > .note else { return false }
        var open = finding.causedBy
        var seen: Set<String> = []
        while let id = open.popLast() {
          guard seen.insert(id).inserted, let cause = byID[id] else { continue }
          if cause.severity > .note { return false }
          open += cause.causedBy
        }
        return true
      }.map(\.id))
  }
}
