import Replay
import Support

@testable import Diagnosis

/// A fault that nobody looks for: tests make its findings by hand.
struct FirstFault: Rule {
  static let info = RuleInfo(
    id: "first-fault", title: "The first fault", severity: .error, evidence: .proof,
    summary: "It is there.",
    rationale: "One paragraph\nin two lines.\n\n- a list\n\n    code  stays",
    remedy: "Take it away.", source: "A book",
    thresholds: [Threshold("share", 0.25, unit: "of all", "beyond it there is a fault")],
    examples: [
      .fires("it is there", at: ["x[0]"]) { _ in },
      .silent("it is not") { _ in },
      .cannotTell("nobody knows") { _ in },
    ])

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] { [] }
}

/// Another one.
struct SecondFault: Rule {
  static let info = RuleInfo(
    id: "second-fault", title: "The second fault", severity: .warning, evidence: .heuristic,
    summary: "It follows.", rationale: "", remedy: "", source: "", examples: [])

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] { [] }
}

extension Finding {
  /// A finding with the ids of what explains it.
  func following(_ ids: String...) -> Finding {
    var copy = self
    copy.causedBy = ids
    return copy
  }
}

/// A report with findings of any kind on a run that has nothing to do with them.
func report(
  _ findings: [Finding], checked: [String] = ["first-fault"],
  notChecked: [Report.NotCheckedRule] = []
) throws -> Report {
  let exam = try Check().examine(try RunFixture.sound().run(), Progress())
  let causes = findings.filter { $0.causedBy.isEmpty && $0.severity > .note }.map(\.id)
  return Report(
    exam, findings: findings, causes: causes, checked: checked, notChecked: notChecked)
}
