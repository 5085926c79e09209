import Diagnosis

/// The report for people: the verdict, what was examined, every cause with what follows from it,
/// notes, and what could not be checked.
struct TextReport {
  private let color: Bool
  private let width: Int
  private let pages: String?

  /// - Parameters:
  ///   - color: whether severities are coloured, as a terminal shows it.
  ///   - width: columns of a line.
  ///   - pages: the address below which rules have their pages, for links; nil for none.
  init(color: Bool = false, width: Int = 80, pages: String? = nil) {
    self.color = color
    self.width = width
    self.pages = pages
  }

  /// The report as lines of text.
  func render(_ report: Report) -> String {
    var page = TextPage(width: width, color: color, pages: pages)
    page.add(Self.spans(Headline(report)))
    page.add([Span(Outline.examined(report.summary), .faint)])
    if let sentence = Outline.loop(report) {
      page.blank()
      page.add([Span(sentence)])
    }
    Self.addMissing(report, to: &page)
    let tree = FindingTree(report)
    for (number, cause) in tree.causes.enumerated() {
      page.blank()
      Self.add(cause, number: number + 1, to: &page)
    }
    Self.addCure(report, to: &page)
    if !tree.rest.isEmpty {
      page.blank()
      page.add([Span(Outline.restTitle(report), .strong)])
      for branch in tree.rest { Self.add(branch, to: &page) }
    }
    Self.addTimeline(report, to: &page)
    Self.addUnchecked(report, to: &page)
    if !report.findings.isEmpty {
      page.blank()
      page.add([Span("'defib rules ID' explains the rule that is named in [brackets].", .faint)])
    }
    return page.text
  }

  private static func spans(_ headline: Headline) -> [Span] {
    switch headline.tone {
    case .good: [Span(headline.lead, .good), Span(headline.text)]
    case .doubtful: [Span(headline.lead, .warning), Span(headline.text)]
    case .severity(let worst):
      [Span(headline.lead, worst.map(paint) ?? .plain), Span(headline.text, .strong)]
    }
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

  private static func addUnchecked(_ report: Report, to page: inout TextPage) {
    guard !report.notChecked.isEmpty else { return }
    page.blank()
    page.add([Span("Not checked", .strong)])
    for (reason, rules) in Outline.unchecked(report) {
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
