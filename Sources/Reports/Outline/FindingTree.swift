import Diagnosis

/// Findings as a reader takes them: a cause, and under it what follows from it, each once. Every format
/// for people shows this tree.
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

  /// The diagnosis, most damaging first.
  let causes: [Branch]
  /// What no cause explains: notes, as a rule.
  let rest: [Branch]

  init(_ report: Report) {
    var builder = Builder(report)
    causes = report.causes.compactMap { builder.take($0) }
    // Roots first: what follows from a note stands under it.
    let roots = report.findings.filter { $0.causedBy.isEmpty }
    rest = (roots + report.findings).compactMap { builder.take($0.id) }
  }
}

/// Takes the findings of a report one by one, each with everything that follows from it and has not
/// been taken yet.
private struct Builder {
  /// Deeper than any chain of rules. A report that was read from a file may hold a longer one; its end
  /// is shown beside the tree.
  private static let depthLimit = 64

  private let findings: [Finding]
  private let numbers: [String: Int]
  /// By the number of a finding, the numbers of those that it explains.
  private let effects: [[Int]]
  private var isTaken: [Bool]
  /// By the number of a finding, the last one beneath which it was met.
  private var met: [Int]

  init(_ report: Report) {
    findings = report.findings
    let numbers = Dictionary(
      report.findings.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var effects = [[Int]](repeating: [], count: report.findings.count)
    for (number, finding) in report.findings.enumerated() {
      for origin in finding.causedBy.compactMap({ numbers[$0] }) {
        effects[origin].append(number)
      }
    }
    self.numbers = numbers
    self.effects = effects
    isTaken = [Bool](repeating: false, count: report.findings.count)
    met = [Int](repeating: -1, count: report.findings.count)
  }

  /// The branch of a finding; nil where there is none, or it stands elsewhere already.
  mutating func take(_ id: String) -> FindingTree.Branch? {
    guard let number = numbers[id], !isTaken[number] else { return nil }
    return take(number, under: [])
  }

  private mutating func take(_ number: Int, under path: Set<String>) -> FindingTree.Branch {
    isTaken[number] = true
    let finding = findings[number]
    let below = path.union([finding.id])
    var branches: [FindingTree.Branch] = []
    if below.count < Self.depthLimit {
      let waiting = effects[number].filter { !isTaken[$0] }
      // One that a sibling explains as well belongs to the sibling, whose own turn comes earlier: so
      // a chain is shown link by link, at its full length.
      if waiting.count > 1 { meet(followersOf: waiting, as: number) }
      for next in waiting.filter({ met[$0] != number }) + waiting where !isTaken[next] {
        branches.append(take(next, under: below))
      }
    }
    let others = finding.causedBy.filter { !path.contains($0) }
      .compactMap { numbers[$0].map { findings[$0] } }
    return FindingTree.Branch(
      finding: finding, others: path.isEmpty ? [] : others, branches: branches)
  }

  /// Notes all that follows, directly or through others, from some findings.
  private mutating func meet(followersOf origins: [Int], as mark: Int) {
    var open = origins
    while let number = open.popLast() {
      for effect in effects[number] where met[effect] != mark {
        met[effect] = mark
        open.append(effect)
      }
    }
  }
}
