import Diagnosis

extension HTMLReport {
  /// The network along the training, one row per moment.
  static func timeline(_ report: Report) -> [Markup] {
    guard let table = TimelineTable(report) else { return [] }
    let head = Markup.element(
      "tr", table.header.map { .element("th", attributes: #"class="figure quiet""#, $0) })
    let rows = table.rows.map { row in
      Markup.element("tr", row.map { .element("td", attributes: #"class="figure""#, $0) })
    }
    return [
      .element("h2", table.title),
      .element("table", attributes: #"class="timeline""#, [head] + rows),
    ]
  }
}
