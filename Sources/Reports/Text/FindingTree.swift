import Diagnosis

/// Findings as a reader takes them: a cause, and under it what follows from it, each once.
struct FindingTree {
  /// A finding with what is shown beneath it.
  struct Branch {
    let finding: Finding
    /// Findings that explain it too, and do not stand above it.
    let others: [Finding]
    let branches: [Branch]

    /// Whether one line can speak for both: the same rule found the same thing in places of one
    /// kind, and nothing hangs on either.
    func isAlike(_ other: Branch) -> Bool {
      branches.isEmpty && other.branches.isEmpty && others.map(\.id) == other.others.map(\.id)
        && finding.rule == other.finding.rule && finding.severity == other.finding.severity
        && finding.place.kind == other.finding.place.kind
    }
  }

  private let report: Report
  private var shown: Set<String> = []

  init(_ report: Report) { self.report = report }

  /// Whether a finding has been taken, alone or beneath another.
  func isShown(_ finding: Finding) -> Bool { shown.contains(finding.id) }

  /// A finding with everything that follows from it and has not been taken yet.
  mutating func take(_ finding: Finding) -> Branch { take(finding, under: []) }

  private mutating func take(_ finding: Finding, under path: Set<String>) -> Branch {
    shown.insert(finding.id)
    let below = path.union([finding.id])
    var branches: [Branch] = []
    // One that a sibling explains as well belongs to the sibling, whose own turn comes earlier:
    // so a chain is shown link by link, at its full length.
    var waiting = report.findings.filter { $0.causedBy.contains(finding.id) && !isShown($0) }
    while !waiting.isEmpty {
      let index = waiting.firstIndex { follows($0, waiting) == false } ?? 0
      let next = waiting.remove(at: index)
      branches.append(take(next, under: below))
      waiting.removeAll { isShown($0) }
    }
    let others = finding.causedBy.filter { !path.contains($0) }.compactMap(report.finding)
    return Branch(finding: finding, others: path.isEmpty ? [] : others, branches: branches)
  }

  /// Whether a finding follows, directly or through others, from one of some.
  private func follows(_ finding: Finding, _ some: [Finding]) -> Bool {
    var open = finding.causedBy
    var seen: Set<String> = []
    while let id = open.popLast() {
      guard seen.insert(id).inserted else { continue }
      if some.contains(where: { $0.id == id && $0.id != finding.id }) { return true }
      open += report.finding(id)?.causedBy ?? []
    }
    return false
  }
}
