import Diagnosis
import Runs

extension HTMLReport {
  /// A finding that opens into its numbers, its remedy and what follows from it.
  static func finding(_ branch: FindingTree.Branch, isOpen: Bool = false) -> Markup {
    let finding = branch.finding
    var content = [title(finding), .element("p", finding.message)]
    content += [places(finding), together(branch.others), evidence(finding.evidence)].compactMap(
      \.self)
    if let since = finding.since {
      content.append(.element("p", [.element("b", "Since"), .text(" " + since.text)]))
    }
    if !finding.remedy.isEmpty {
      content.append(.element("p", [.element("b", "Remedy"), .text(" " + finding.remedy)]))
    }
    if !branch.branches.isEmpty {
      content.append(.element("p", attributes: #"class="quiet""#, "explains"))
      content += branch.branches.map { self.finding($0) }
    }
    return .element("details", attributes: attributes(finding.severity, isOpen: isOpen), content)
  }

  private static func attributes(_ severity: Severity, isOpen: Bool) -> StaticString {
    switch (severity, isOpen) {
    case (.error, true): #"class="error" open"#
    case (.error, false): #"class="error""#
    case (.warning, true): #"class="warning" open"#
    case (.warning, false): #"class="warning""#
    case (.note, true): #"class="note" open"#
    case (.note, false): #"class="note""#
    }
  }

  private static func title(_ finding: Finding) -> Markup {
    .element(
      "summary",
      [
        .element("b", finding.title), .text(" "), .element("code", Outline.place(finding)),
        .text(" "),
        .element(
          "span", attributes: #"class="quiet""#, "\(finding.severity.rawValue) · \(finding.rule)"),
      ])
  }

  /// How many places, and how many stretches of units of each, are written out.
  private static let (placeLimit, unitLimit) = (200, 100)

  /// The places in full, where the title has not all of them.
  private static func places(_ finding: Finding) -> Markup? {
    let full = finding.places.prefix(placeLimit).map { Outline.place($0, unitLimit: unitLimit) }
    guard full.count > 1 || full.first != Outline.place(finding) else { return nil }
    let more = finding.places.count > placeLimit ? ["…"] : []
    return .element("ul", (full + more).map { .element("li", [.element("code", $0)]) })
  }

  private static func together(_ others: [Finding]) -> Markup? {
    guard !others.isEmpty else { return nil }
    let names = others.map { "\($0.rule) at \(Outline.place($0))" }.joined(separator: ", ")
    return .element("p", attributes: #"class="quiet""#, "together with \(names)")
  }

  private static func evidence(_ evidence: [Measure]) -> Markup? {
    guard !evidence.isEmpty else { return nil }
    return .element(
      "table",
      evidence.map { measure in
        let unit = measure.unit.isEmpty ? "" : " " + measure.unit
        let bound = measure.threshold.map { "threshold \(Wording.number($0))" } ?? ""
        return .element(
          "tr",
          [
            .element("th", String(measure.name.map { $0 == "_" ? " " : $0 })),
            .element("td", value(measure.value) + unit),
            .element("td", attributes: #"class="quiet""#, bound),
          ])
      })
  }

  private static func value(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .number(let value): Wording.number(value)
    case .string(let text): text
    case .array(let values): values.map(self.value).joined(separator: ", ")
    case .object: value.text()
    }
  }
}
