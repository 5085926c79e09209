import Runs
import Trials

/// The remedies of causes as lines of code, where the first change that the rule names fits the run.
struct RemedyCode {
  private let exam: Examination

  init(_ exam: Examination) { self.exam = exam }

  /// Findings, of which the causes have their code.
  func written(_ findings: [Finding], _ causes: [String]) -> [Finding] {
    let causes = Set(causes)
    let text = ChangeText(exam.run)
    return findings.map { finding in
      guard causes.contains(finding.id), let change = change(finding) else { return finding }
      var finding = finding
      finding.code = text.line(change)
      return finding
    }
  }

  /// What the table of cures has first for a finding, unless it helps many and mends none.
  private func change(_ finding: Finding) -> Change? {
    switch CureTable.rows[finding.rule]?.first {
    case nil, .asSet, .fresh, .leaky, .optimizer, .outliers: return nil
    default: break
    }
    let proposals = CureProposals(exam: exam)
    return CureTable.rows[finding.rule]?.lazy.compactMap {
      proposals.changes($0, finding).first { $0 != .asSet }
    }
    .first
  }
}
