import Diagnosis

extension TextReport {
  /// What cures the run, with its lines of code.
  static func addCure(_ report: Report, to page: inout TextPage) {
    guard let cure = CureOutline(report) else { return }
    page.blank()
    page.add([Span(cure.title + ":", .good), Span(cure.text)], hanging: 3)
    for change in cure.changes {
      page.add([Span("-"), Span(change.text)], indent: 3, hanging: 5)
      for line in change.code.split(separator: "\n") {
        page.verbatim(String(line), indent: 7)
      }
    }
    for note in cure.notes { page.add([Span(note)], indent: 3, hanging: 5) }
  }
}
