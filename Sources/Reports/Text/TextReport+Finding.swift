import Diagnosis

extension TextReport {
  /// A cause or a note with its remedy, and the chain beneath it. The message has the numbers that a
  /// reader needs; JSON has all of them.
  static func add(_ branch: FindingTree.Branch, number: Int? = nil, to page: inout TextPage) {
    let finding = branch.finding
    let label = number.map { "\($0)." } ?? "-"
    page.add([Span(label, .strong)] + title(finding), hanging: 3)
    page.add([Span(finding.message)], indent: 3)
    addSince(finding, indent: 3, to: &page)
    if !finding.remedy.isEmpty && finding.severity > .note {
      page.add([Span("Remedy:", .good), Span(finding.remedy)], indent: 3, hanging: 5)
    }
    addLinks(branch.branches, depth: 3, to: &page)
  }

  /// When it began. Of notes that is no news.
  private static func addSince(_ finding: Finding, indent: Int, to page: inout TextPage) {
    guard let since = finding.since, finding.severity > .note else { return }
    page.add([Span("Since:", .good), Span(since.text)], indent: indent, hanging: indent + 2)
  }

  private static func addLinks(
    _ branches: [FindingTree.Branch], depth: Int, to page: inout TextPage
  ) {
    var branches = branches[...]
    while let first = branches.first {
      // The same thing again and again, as when no parameter of a network gets a gradient.
      let alike = branches.prefix { $0.isAlike(first) }
      if alike.count > 2 {
        addGroup(alike.map(\.finding), first.finding, depth: depth, to: &page)
        branches = branches.dropFirst(alike.count)
      } else {
        addLink(first, depth: depth, to: &page)
        branches = branches.dropFirst()
      }
    }
  }

  private static func addGroup(
    _ findings: [Finding], _ first: Finding, depth: Int, to page: inout TextPage
  ) {
    let place = "at \(Outline.places(findings.flatMap(\.places))):"
    page.add(
      [Span("→ explains:", .faint)] + title(first, place: place), indent: depth, hanging: depth + 2)
    page.add([Span("\(first.place.name):"), Span(first.message)], indent: depth + 2)
  }

  private static func addLink(_ branch: FindingTree.Branch, depth: Int, to page: inout TextPage) {
    var head = [Span("→ explains:", .faint)] + title(branch.finding)
    if !branch.others.isEmpty {
      let others = branch.others.map { "\($0.rule) at \(Outline.place($0))" }
      head.append(Span("(together with \(others.joined(separator: ", ")))", .faint))
    }
    page.add(head, indent: depth, hanging: depth + 2)
    page.add([Span(branch.finding.message)], indent: depth + 2)
    addSince(branch.finding, indent: depth + 2, to: &page)
    addLinks(branch.branches, depth: depth + 2, to: &page)
  }

  private static func title(_ finding: Finding, place: String? = nil) -> [Span] {
    [
      Span(finding.severity.rawValue, paint(finding.severity)),
      Span(place ?? "at \(Outline.place(finding)):"), Span(finding.title, .strong),
      Span("[\(finding.rule)]", .faint, rule: finding.rule.rawValue),
    ]
  }
}
