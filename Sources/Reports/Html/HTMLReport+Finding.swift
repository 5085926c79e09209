import Diagnosis
import Runs

extension HTMLReport {
  /// A cause: what it is, what to do, its proof, and what follows from it.
  func cause(_ branch: FindingTree.Branch, number: Int) -> Markup {
    let finding = branch.finding
    var parts = [
      Markup.element(
        "h3",
        [
          .element("span", attributes: #"class="rank""#, "\(number). "), .text(finding.title),
        ]), place(finding),
    ]
    if !finding.remedy.isEmpty || !finding.code.isEmpty {
      parts.append(.element("h4", "What to do"))
      if !finding.remedy.isEmpty { parts.append(.element("p", finding.remedy)) }
      if let code = code(finding) {
        parts.append(Self.lines(code))
      }
    }
    parts.append(.element("h4", "How it shows"))
    parts.append(.element("p", clipped(finding.message)))
    parts += since(finding) + places(finding) + measurements(finding)
    parts += effects(branch)
    return .element("section", attributes: Self.cause(finding.severity), parts)
  }

  /// A finding that no cause explains, folded.
  func side(_ branch: FindingTree.Branch) -> Markup {
    let finding = branch.finding
    let summary = Markup.element(
      "summary", [.text(finding.title + " "), .element("code", Outline.place(finding))])
    var parts = [summary, Markup.element("p", clipped(finding.message))]
    if !finding.remedy.isEmpty {
      parts.append(.element("p", [.element("b", "What to do:"), .text(" " + finding.remedy)]))
    }
    parts += since(finding) + places(finding) + measurements(finding)
    parts += effects(branch)
    return .element("details", attributes: Self.side(finding.severity), parts)
  }

  /// A change of the cure is proved; else the likeliest.
  private func code(_ finding: Finding) -> String? {
    let proved = report.cure?.changes.first { $0.rule == finding.rule.rawValue }?.code
    return [proved, finding.code].compactMap { $0 }.first { !$0.isEmpty }
  }

  /// Lines of code.
  static func lines(_ code: String) -> Markup {
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    let texts = lines.enumerated().map { number, line in
      Markup.all([number > 0 ? .fixed("\n") : .all([]), .text(String(line))])
    }
    return .element("pre", [.element("code", texts)])
  }

  // MARK: what follows

  private func effects(_ branch: FindingTree.Branch) -> [Markup] {
    guard !branch.branches.isEmpty else { return [] }
    var room = detail.findings
    let count = branch.branches.reduce(0) { $0 + Self.count($1) }
    let title = "What follows from it: \(Wording.count(count, "finding"))"
    let list = chain(branch.branches, &room)
    return [
      .element(
        "details", attributes: #"class="follows""#,
        [.element("summary", title), list] + more(count))
    ]
  }

  private static func count(_ branch: FindingTree.Branch) -> Int {
    1 + branch.branches.reduce(0) { $0 + count($1) }
  }

  private func chain(_ branches: [FindingTree.Branch], _ room: inout Int) -> Markup {
    var items: [Markup] = []
    for branch in branches {
      guard room > 0 else { break }
      room -= 1
      let finding = branch.finding
      var parts = [
        Markup.element("b", finding.title), .text(" "), .element("code", Outline.place(finding)),
        .text(" "), .element("span", attributes: #"class="quiet""#, "\(finding.rule)"),
        .element("p", clipped(finding.message)),
      ]
      parts += together(branch.others) + since(finding) + measurements(finding)
      if !branch.branches.isEmpty { parts.append(chain(branch.branches, &room)) }
      items.append(.element("li", attributes: Self.tone(finding.severity), parts))
    }
    return .element("ul", attributes: #"class="chain""#, items)
  }

  private func together(_ others: [Finding]) -> [Markup] {
    guard !others.isEmpty else { return [] }
    let names = others.prefix(8).map { "\($0.rule) at \(Outline.place($0))" }
    return [
      .element(
        "p", attributes: #"class="quiet""#, "together with \(names.joined(separator: ", "))")
    ]
  }

  // MARK: parts

  private func place(_ finding: Finding) -> Markup {
    .element(
      "p",
      [
        .element("span", attributes: #"class="badge""#, finding.severity.rawValue),
        .text(" "), .element("code", Outline.place(finding)), .text(" "),
        .element("span", attributes: #"class="quiet""#, "\(finding.rule)"),
      ])
  }

  private func since(_ finding: Finding) -> [Markup] {
    guard let since = finding.since else { return [] }
    return [.element("p", [.element("b", "Since:"), .text(" " + since.text)])]
  }

  /// How many places, and how many stretches of units of each, are written out.
  private static let (placeLimit, unitLimit) = (100, 40)

  /// The places in full, where the title has not all of them.
  private func places(_ finding: Finding) -> [Markup] {
    let full = finding.places.prefix(Self.placeLimit).map {
      Outline.place($0, unitLimit: Self.unitLimit)
    }
    guard full.count > 1 || full.first != Outline.place(finding) else { return [] }
    let more = finding.places.count > Self.placeLimit ? ["…"] : []
    let list = Markup.element("ul", (full + more).map { .element("li", [.element("code", $0)]) })
    let title = finding.places.count > 1 ? "All \(finding.places.count) places" : "All units"
    return [.element("details", [.element("summary", title), list])]
  }

  /// The numbers, folded.
  private func measurements(_ finding: Finding) -> [Markup] {
    guard !finding.evidence.isEmpty, detail == .everything else { return [] }
    let rows = finding.evidence.map { measure in
      let unit = measure.unit.isEmpty ? "" : " " + measure.unit
      let bound = measure.threshold.map { "threshold \(Wording.number($0))" } ?? ""
      return [
        String(measure.name.map { $0 == "_" ? " " : $0 }), Self.value(measure.value) + unit, bound,
      ]
    }
    return [
      .element(
        "details",
        [
          .element("summary", "The measurements"),
          Self.table(["measured", "value", "held against"], rows),
        ])
    ]
  }

  /// How many numbers of a list, and letters of a text, are shown.
  private static let (listLimit, textLimit) = (12, 1200)

  /// A message without a line that begins with a unit.
  private func clipped(_ text: String) -> String {
    var text = text
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    text = words.dropFirst().reduce(into: String(words.first ?? "")) { line, word in
      line += (word.hasPrefix("%") ? "\u{A0}" : " ") + word
    }
    guard detail == .causesFirst, text.count > 600 else { return text }
    return text.prefix(600) + "…"
  }

  private static func value(_ value: JSONValue) -> String {
    switch value {
    case .null: return ""
    case .bool(let value): return value ? "yes" : "no"
    case .int(let value): return "\(value)"
    case .number(let value): return Wording.number(value)
    case .string(let text): return String(text.prefix(textLimit))
    case .array(let values):
      let shown = values.prefix(listLimit).map(self.value).joined(separator: ", ")
      return values.count > listLimit ? "\(shown), … (\(values.count) in all)" : shown
    case .object: return String(value.text().prefix(textLimit))
    }
  }

  // MARK: classes

  private static func cause(_ severity: Severity) -> StaticString {
    switch severity {
    case .error: #"class="cause error""#
    case .warning: #"class="cause warning""#
    case .note: #"class="cause note""#
    }
  }

  private static func side(_ severity: Severity) -> StaticString {
    switch severity {
    case .error: #"class="side error""#
    case .warning: #"class="side warning""#
    case .note: #"class="side note""#
    }
  }

  private static func tone(_ severity: Severity) -> StaticString {
    switch severity {
    case .error: #"class="error""#
    case .warning: #"class="warning""#
    case .note: #"class="note""#
    }
  }
}
