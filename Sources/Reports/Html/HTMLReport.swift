import Diagnosis

/// The report as HTML: the verdict, each cause with its remedy and its proof, the run in pictures, and
/// whatever else was measured, folded. It runs no script and loads nothing from elsewhere.
struct HTMLReport {
  let report: Report
  /// The run's name; empty where it has none.
  let name: String
  let detail: Detail

  /// How much is shown: what a browser opens at once has room for so much.
  enum Detail: CaseIterable {
    case everything, fewNumbers, causesFirst

    /// The most findings that follow from causes, and the most notes.
    var findings: Int {
      switch self {
      case .everything: 300
      case .fewNumbers: 100
      case .causesFirst: 25
      }
    }
  }

  /// The most bytes of a report.
  static let sizeLimit = 300_000
  /// What a page has around the report.
  private static let frame = 2000

  /// A whole page.
  static func page(_ report: Report, name: String = "") -> String {
    let shown = name.isEmpty ? report.summary.name : name
    let title = shown.isEmpty ? "Defib report" : "\(shown) · Defib report"
    let head = Markup.element("head", [HTMLStyle.head, .element("title", title)])
    let page = Markup.element(
      "html", attributes: #"lang="en""#,
      [head, .element("body", attributes: #"class="defib-page""#, [whole(report, name)])])
    return "<!DOCTYPE html>\n\(page.source)\n"
  }

  /// One element.
  static func fragment(_ report: Report, name: String = "") -> String {
    whole(report, name).source + "\n"
  }

  /// The report with as much as there is room for.
  private static func whole(_ report: Report, _ name: String) -> Markup {
    let name = name.isEmpty ? report.summary.name : name
    for detail in Detail.allCases {
      let body = HTMLReport(report: report, name: name, detail: detail).body
      if body.source.utf8.count <= sizeLimit - frame { return body }
    }
    return HTMLReport(report: report, name: name, detail: .causesFirst).body
  }

  private var body: Markup {
    let tree = FindingTree(report)
    var parts: [Markup] = [.element("style", [HTMLStyle.sheet])]
    parts += head
    parts += missing
    parts += tree.causes.enumerated().prefix(detail.findings).map { cause($1, number: $0 + 1) }
    parts += more(tree.causes.count)
    parts += cure
    parts += pictures
    if !tree.rest.isEmpty {
      parts.append(.element("h3", Outline.restTitle(report)))
      parts += tree.rest.prefix(detail.findings).map(side)
      parts += more(tree.rest.count)
    }
    parts += timeline
    parts += unchecked
    parts.append(footer)
    return .element("div", attributes: #"class="defib""#, parts)
  }

  /// Says that some are left out.
  func more(_ count: Int) -> [Markup] {
    guard count > detail.findings else { return [] }
    return [
      .element(
        "p", attributes: #"class="quiet""#,
        "and \(count - detail.findings) more: the report as JSON has all of them.")
    ]
  }

  // MARK: head

  private var head: [Markup] {
    let headline = Headline(report, name: name)
    let tone: StaticString =
      switch headline.tone {
      case .good: #"class="good""#
      case .doubtful, .severity(.warning): #"class="warning""#
      case .severity(.error): #"class="error""#
      case .severity(.note), .severity(nil): #"class="note""#
      }
    var parts: [Markup] = [
      .element(
        "header", attributes: tone,
        [
          .element("p", attributes: #"class="mark""#, "Defib report"),
          .element(
            "h2",
            [
              .element("span", attributes: #"class="tone""#, headline.verdict.lead),
              .text(headline.verdict.rest),
            ]),
          .element("p", headline.text.isEmpty ? headline.lead : headline.text),
        ]),
      facts,
    ]
    if let sentence = Outline.loop(report) { parts.append(.element("p", sentence)) }
    return parts
  }

  private var facts: Markup {
    .element(
      "dl", attributes: #"class="facts""#,
      Outline.facts(report.summary).map { fact in
        .element("div", [.element("dt", fact.name), .element("dd", fact.value)])
      })
  }

  /// What to hand over where learning could not be judged.
  private var missing: [Markup] {
    guard report.verdict == .couldNotTell, !report.missing.isEmpty else { return [] }
    return [
      .element("p", "To judge it, hand over"),
      .element("ul", report.missing.map { .element("li", $0) }),
    ]
  }

  // MARK: foot

  private var unchecked: [Markup] {
    guard !report.notChecked.isEmpty else { return [] }
    let reasons = Outline.unchecked(report).map { reason, rules in
      Markup.element(
        "li", [.text(reason + ": "), .element("code", rules.joined(separator: ", "))])
    }
    let title = Wording.count(report.notChecked.count, "rule") + " not checked"
    return [.element("details", [.element("summary", title), .element("ul", reasons)])]
  }

  private var footer: Markup {
    let facts = [
      Wording.count(report.checked.count, "rule") + " checked",
      Wording.count(report.summary.batchSize, "sample") + " per batch",
      "digest \(report.summary.digest)",
    ]
    return .element("p", attributes: #"class="quiet""#, facts.joined(separator: ", ") + ".")
  }

  /// A table of texts and numbers.
  static func table(_ header: [String], _ rows: [[String]]) -> Markup {
    let head = Markup.element("tr", header.map { .element("th", $0) })
    let lines = rows.map { row in Markup.element("tr", row.map { .element("td", $0) }) }
    return .element(
      "div", attributes: #"class="scroll""#,
      [
        .element(
          "table", attributes: #"class="figures""#,
          [.element("thead", [head]), .element("tbody", lines)])
      ])
  }
}
