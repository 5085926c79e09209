import Diagnosis

/// The report for people: the verdict, what was examined, every cause with what follows from it,
/// notes, and what could not be checked.
public struct TextReport: ReportFormat {
  /// The name of the format.
  public static let name = "text"
  private let color: Bool
  private let width: Int

  /// The format.
  ///
  /// - Parameters:
  ///   - color: whether severities are coloured, as a terminal shows it.
  ///   - width: columns of a line.
  public init(color: Bool = false, width: Int = 80) {
    self.color = color
    self.width = width
  }

  /// The report as lines of text.
  public func render(_ report: Report) -> String {
    var page = TextPage(width: width, color: color)
    page.add(Self.headline(report))
    page.add([Span(Self.examined(report.summary), .faint)])
    Self.addMissing(report, to: &page)
    var tree = FindingTree(report)
    for (number, cause) in report.causes.enumerated() {
      guard let finding = report.finding(cause) else { continue }
      page.blank()
      Self.add(tree.take(finding), number: number + 1, to: &page)
    }
    let rest = report.findings.filter { !tree.isShown($0) }
    if !rest.isEmpty {
      page.blank()
      page.add([Span(report.causes.isEmpty ? "Notes" : "Beside these", .strong)])
      // Roots first: what follows from a note stands under it.
      for finding in rest where finding.causedBy.isEmpty { Self.add(tree.take(finding), to: &page) }
      for finding in rest where !tree.isShown(finding) { Self.add(tree.take(finding), to: &page) }
    }
    Self.addUnchecked(report, to: &page)
    if !report.findings.isEmpty {
      page.blank()
      page.add([Span("'defib rules ID' explains the rule that is named in [brackets].", .faint)])
    }
    return page.text
  }

  static func headline(_ report: Report) -> [Span] {
    let checked = Wording.count(report.checked.count, "rule")
    let all = report.findings.count
    let notes = all == 0 ? "" : " " + Wording.count(all, "note") + " below."
    if report.verdict != .faults, report.checked.isEmpty {
      return [Span("No rule could be checked.", .warning)]
    }
    switch report.verdict {
    case .healthy:
      return [Span("Healthy:", .good), Span("\(checked) checked, no fault found." + notes)]
    case .couldNotTell:
      return [
        Span("Could not tell:", .warning),
        Span(
          "\(checked) checked, no fault found, but whether it learned could not be judged." + notes),
      ]
    case .faults: break
    }
    let worst = report.worst.map { Self.paint($0) } ?? .plain
    guard !report.causes.isEmpty else {
      return [Span("Diagnosis:", worst), Span("\(Wording.count(all, "finding")).", .strong)]
    }
    let symptoms = report.findings.count { $0.severity > .note } - report.causes.count
    let order = report.causes.count > 1 ? ", most damaging first" : ""
    var text = "\(Wording.count(report.causes.count, "cause"))\(order)"
    if symptoms > 0 {
      text += "; \(Wording.count(symptoms, "finding")) follow\(symptoms == 1 ? "s" : "") from "
      text += report.causes.count > 1 ? "them" : "it"
    }
    return [Span("Diagnosis:", worst), Span(text + ".", .strong)]
  }

  static func examined(_ summary: Report.Summary) -> String {
    var parts = [
      Wording.count(summary.samples, "sample"), Wording.count(summary.nodes, "node"),
      "\(Wording.count(summary.parameters, "trainable parameter"))",
    ]
    if summary.batchSize < summary.samples { parts.append("batches of \(summary.batchSize)") }
    switch (summary.initialLoss, summary.loss) {
    case (let before?, let after?):
      parts.append("loss \(Wording.number(before)) → \(Wording.number(after))")
    case (nil, let after?): parts.append("loss \(Wording.number(after))")
    case (_, nil): parts.append("no loss")
    }
    if !summary.framework.isEmpty { parts.append(summary.framework) }
    return "Replayed: " + parts.joined(separator: ", ") + "."
  }

  /// What to hand over where learning could not be judged.
  private static func addMissing(_ report: Report, to page: inout TextPage) {
    guard report.verdict == .couldNotTell, !report.missing.isEmpty else { return }
    page.blank()
    page.add([Span("To judge it, hand over", .strong)])
    for sentence in report.missing {
      page.add([Span("- " + sentence)], indent: 3, hanging: 5)
    }
  }

  /// Rules that could not be checked, those with one reason together.
  private static func addUnchecked(_ report: Report, to page: inout TextPage) {
    guard !report.notChecked.isEmpty else { return }
    page.blank()
    page.add([Span("Not checked", .strong)])
    var reasons: [String] = []
    for entry in report.notChecked where !reasons.contains(entry.reason) {
      reasons.append(entry.reason)
    }
    for reason in reasons {
      let rules = report.notChecked.filter { $0.reason == reason }.map(\.rule)
      page.add(
        [Span(reason + ":"), Span(rules.joined(separator: ", "), .faint)], indent: 3, hanging: 5)
    }
  }

  static func paint(_ severity: Severity) -> Paint {
    switch severity {
    case .error: .error
    case .warning: .warning
    case .note: .note
    }
  }
}
