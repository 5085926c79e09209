import Diagnosis

/// The network along the training as a table of words and numbers, for the formats for people.
struct TimelineTable {
  /// Such as `Along the way, on 256 of 5000 samples`.
  let title: String
  let header: [String]
  let rows: [[String]]

  /// - Parameter limit: the most rows, of those that there are evenly.
  init?(_ report: Report, limit: Int = .max) {
    guard let timeline = report.timeline, timeline.moments.count > 1 else { return nil }
    let (seen, all) = (timeline.samples, report.summary.samples)
    title = "Along the way" + (seen < all ? ", on \(seen) of \(all) samples" : "")
    let moments = Self.thinned(timeline.moments, limit)
    let columns = Self.columns.filter { column in moments.contains { column.value($0) != nil } }
    header = columns.map(\.name)
    rows = moments.map { moment in columns.map { $0.value(moment) ?? "" } }
  }

  private static func thinned(
    _ moments: [Timeline.Moment], _ limit: Int
  ) -> [Timeline.Moment] {
    guard moments.count > limit else { return moments }
    return (0..<limit).map { moments[$0 * (moments.count - 1) / max(1, limit - 1)] }
  }

  private struct Column {
    let name: String
    let value: @Sendable (Timeline.Moment) -> String?
  }

  private static let columns = [
    Column(name: "update") { moment in
      switch moment.when {
      case .start: "start"
      case .update: moment.step.map { "\($0)" }
      case .end: moment.step.map { "end (\($0))" } ?? "end"
      }
    },
    Column(name: "epoch") { $0.epoch.map { "\($0)" } },
    Column(name: "loss") { $0.figures.loss.map(Wording.number) },
    Column(name: "dead units") { moment in
      let figures = moment.figures
      guard figures.rectifiedUnits > 0 else { return nil }
      return figures.isFinite ? "\(figures.deadUnits) of \(figures.rectifiedUnits)" : "?"
    },
    Column(name: "gradient") { $0.figures.gradientNorm.map(Wording.number) },
    Column(name: "output spread") { moment in
      moment.figures.outputSpread.map { moment.figures.isFinite ? Wording.number($0) : "NaN" }
    },
  ]
}
