import Diagnosis

extension HTMLReport {
  /// What cures the run, with its lines of code.
  var cure: [Markup] {
    guard let cure = CureOutline(report) else { return [] }
    let changes = cure.changes.map { change in
      Markup.element(
        "li", [.text(change.text)] + (change.code.isEmpty ? [] : [Self.lines(change.code)]))
    }
    var parts: [Markup] = [.element("h3", cure.title), .element("p", cure.text)]
    if !changes.isEmpty { parts.append(.element("ul", changes)) }
    parts += cure.notes.map { .element("p", attributes: #"class="quiet""#, $0) }
    let figures = [Figure.cureCourses(report), Figure.cure(report)].compactMap(\.self)
    if !figures.isEmpty {
      parts.append(
        .element(
          "div", attributes: #"class="charts""#,
          figures.map { $0.markup(hasNumbers: detail == .everything) }))
    }
    return [.element("section", attributes: #"class="cured good""#, parts)]
  }
}
