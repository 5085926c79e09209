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
    if let figure = Figure.cure(report) {
      parts.append(figure.markup(hasNumbers: detail == .everything))
    }
    return [.element("section", attributes: #"class="cured good""#, parts)]
  }
}
