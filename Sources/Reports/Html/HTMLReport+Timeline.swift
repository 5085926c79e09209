import Diagnosis

extension HTMLReport {
  /// The network along the training, one row per moment.
  var timeline: [Markup] {
    guard let table = TimelineTable(report, limit: 60) else { return [] }
    return [.element("h3", table.title), Self.table(table.header, table.rows)]
  }
}
