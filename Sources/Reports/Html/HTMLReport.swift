import Diagnosis

/// The report as HTML: each cause opens into what follows from it. It runs no script and loads nothing
/// from elsewhere.
enum HTMLReport {
  /// A whole page.
  static func page(_ report: Report) -> String {
    let head = Markup.element("head", [HTMLStyle.head, .element("title", "Defib report"), style])
    let page = Markup.element(
      "html", attributes: #"lang="en""#, [head, .element("body", [body(report)])])
    return "<!DOCTYPE html>\n\(page.source)\n"
  }

  /// One element.
  static func fragment(_ report: Report) -> String {
    body(report, [style]).source + "\n"
  }

  private static var style: Markup { .element("style", [HTMLStyle.sheet]) }

  private static func body(_ report: Report, _ first: [Markup] = []) -> Markup {
    let tree = FindingTree(report)
    var parts = first
    parts += [
      headline(Headline(report)),
      .element("p", attributes: #"class="quiet""#, Outline.examined(report.summary)),
    ]
    if let sentence = Outline.loop(report) { parts.append(.element("p", sentence)) }
    parts += missing(report)
    parts += tree.causes.map { finding($0, isOpen: true) }
    parts += cure(report)
    if !tree.rest.isEmpty {
      parts.append(.element("h2", Outline.restTitle(report)))
      parts += tree.rest.map { finding($0) }
    }
    parts += timeline(report)
    parts += unchecked(report)
    parts.append(footer(report))
    return .element("div", attributes: #"class="defib""#, parts)
  }

  private static func headline(_ headline: Headline) -> Markup {
    let lead: Markup =
      switch headline.tone {
      case .good: .element("span", attributes: #"class="good""#, headline.lead)
      case .doubtful, .severity(.warning):
        .element("span", attributes: #"class="warning""#, headline.lead)
      case .severity(.error): .element("span", attributes: #"class="error""#, headline.lead)
      case .severity(.note), .severity(nil): .text(headline.lead)
      }
    return .element("h2", [lead, .text(" " + headline.text)])
  }

  /// What to hand over where learning could not be judged.
  private static func missing(_ report: Report) -> [Markup] {
    guard report.verdict == .couldNotTell, !report.missing.isEmpty else { return [] }
    return [
      .element("p", "To judge it, hand over"),
      .element("ul", report.missing.map { .element("li", $0) }),
    ]
  }

  private static func unchecked(_ report: Report) -> [Markup] {
    guard !report.notChecked.isEmpty else { return [] }
    let reasons = Outline.unchecked(report).map { reason, rules in
      Markup.element(
        "li", [.text(reason + ": "), .element("code", rules.joined(separator: ", "))])
    }
    let title = Wording.count(report.notChecked.count, "rule") + " not checked"
    return [
      .element(
        "details", attributes: #"class="quiet""#,
        [.element("summary", title), .element("ul", reasons)])
    ]
  }

  private static func footer(_ report: Report) -> Markup {
    let facts = [
      Wording.count(report.checked.count, "rule") + " checked",
      Wording.count(report.summary.batchSize, "sample") + " per batch",
      "digest \(report.summary.digest)",
    ]
    return .element("p", attributes: #"class="quiet""#, facts.joined(separator: ", ") + ".")
  }
}
