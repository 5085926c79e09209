import Diagnosis

/// The catalogue of rules for people: a list of all, or the page of one.
struct CatalogueText {
  private let color: Bool
  private let width: Int

  /// Pages of text.
  ///
  /// - Parameters:
  ///   - color: whether severities are coloured, as a terminal shows it.
  ///   - width: columns of a line.
  init(color: Bool = false, width: Int = 80) {
    self.color = color
    self.width = width
  }

  /// Every rule with its severity and its summary.
  func list(_ rules: [RuleInfo]) -> String {
    var page = TextPage(width: width, color: color)
    for info in rules {
      page.add([
        Span(info.id.rawValue, .strong),
        Span(info.severity.rawValue, TextReport.paint(info.severity)),
        Span("(\(info.evidence.rawValue))", .faint),
      ])
      page.add([Span(info.summary)], indent: 3)
    }
    page.blank()
    page.add([
      Span(
        "\(Wording.count(rules.count, "rule")). 'defib rules ID' shows thresholds and examples of "
          + "one.", .faint)
    ])
    return page.text
  }

  /// Everything about one rule.
  func page(_ info: RuleInfo) -> String {
    var page = TextPage(width: width, color: color)
    page.add([
      Span(info.title, .strong), Span("[\(info.id)]", .faint),
      Span(info.severity.rawValue, TextReport.paint(info.severity)),
    ])
    page.blank()
    page.add([Span(info.summary)])
    page.blank()
    page.add([Span(Self.explain(info.evidence), .faint)])
    Self.section("Why it matters", info.rationale, to: &page)
    Self.section("Remedy", info.remedy, to: &page)
    Self.thresholds(info, to: &page)
    Self.examples(info, to: &page)
    Self.section("Source", info.source, to: &page)
    return page.text
  }

  private static func explain(_ evidence: EvidenceKind) -> String {
    switch evidence {
    case .proof: "Proof: it is measured on all samples of the run."
    case .heuristic: "Heuristic: a sign that experience links with the fault."
    }
  }

  private static func heading(_ text: String, to page: inout TextPage) {
    page.blank()
    page.add([Span(text, .strong)])
  }

  private static func thresholds(_ info: RuleInfo, to page: inout TextPage) {
    guard !info.thresholds.isEmpty else { return }
    heading("Thresholds", to: &page)
    for threshold in info.thresholds {
      let unit = threshold.unit.isEmpty ? "" : " (\(threshold.unit))"
      page.add(
        [Span("\(threshold.name) \(Wording.number(threshold.value))\(unit): \(threshold.meaning)")],
        indent: 3, hanging: 5)
    }
    if let first = info.thresholds.first {
      page.add([Span("Set one with --set \(info.id).\(first.name)=NUMBER.", .faint)], indent: 3)
    }
  }

  private static func examples(_ info: RuleInfo, to page: inout TextPage) {
    guard !info.examples.isEmpty else { return }
    heading("Examples", to: &page)
    for example in info.examples {
      let (outcome, paint): (String, Paint) =
        switch example.expectation {
        case .fires(let places): ("fires at \(places.joined(separator: ", ")):", .warning)
        case .silent: ("silent:", .good)
        case .cannotTell: ("cannot tell:", .note)
        }
      page.add([Span(outcome, paint), Span(example.title)], indent: 3, hanging: 5)
    }
  }

  /// A section of Markdown: paragraphs are wrapped, lists and code are kept line by line.
  private static func section(_ title: String, _ markdown: String, to page: inout TextPage) {
    guard !markdown.isEmpty else { return }
    heading(title, to: &page)
    var paragraph: [Substring] = []
    func flush(_ page: inout TextPage) {
      page.add([Span(paragraph.joined(separator: " "))], indent: 3)
      paragraph = []
    }
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy(\.isWhitespace) {
        flush(&page)
        page.blank()
      } else if line.hasPrefix("- ") || line.hasPrefix("* ") {
        flush(&page)
        page.add([Span(String(line))], indent: 3, hanging: 5)
      } else if line.hasPrefix("|") || line.hasPrefix("    ") || line.hasPrefix("```") {
        flush(&page)
        page.verbatim(String(line), indent: 3)
      } else {
        paragraph.append(line)
      }
    }
    flush(&page)
  }
}
