import Diagnosis

extension TextReport {
  /// The network along the training: one line per moment, columns below each other.
  static func addTimeline(_ report: Report, to page: inout TextPage) {
    guard let table = TimelineTable(report, limit: rowLimit) else { return }
    page.blank()
    page.add([Span(table.title, .strong)])
    let lines = [table.header] + table.rows
    let widths = table.header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    for line in lines {
      let cells = zip(line, widths).map { cell, width in
        String(repeating: " ", count: width - cell.count) + cell
      }
      page.verbatim(cells.joined(separator: "  "), indent: 3)
    }
  }

  /// The most moments that are shown.
  private static let rowLimit = 12
}
