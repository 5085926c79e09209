import Diagnosis

extension HTMLReport {
  /// What cures the run, with its lines of code.
  static func cure(_ report: Report) -> [Markup] {
    guard let cure = CureOutline(report) else { return [] }
    let changes = cure.changes.map { change in
      Markup.element(
        "li", [.text(change.text), .element("pre", [.element("code", change.code)])])
    }
    var parts: [Markup] = [.element("h2", cure.title), .element("p", cure.text)]
    if !changes.isEmpty { parts.append(.element("ul", changes)) }
    parts += cure.notes.map { .element("p", attributes: #"class="quiet""#, $0) }
    return parts
  }
}
