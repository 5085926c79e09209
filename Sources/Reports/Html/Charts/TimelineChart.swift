import Diagnosis

extension Figure {
  /// How many rectified units are alive at the snapshots of the training; nil where that never changes.
  static func timeline(_ report: Report) -> Figure? {
    let moments = (report.timeline?.moments ?? []).filter { moment in
      moment.step != nil && moment.figures.rectifiedUnits > 0 && moment.figures.isFinite
    }
    let points = moments.map { moment in
      (x: Double(moment.step ?? 0), y: 100 * (1 - share(moment.figures)))
    }
    guard points.count > 1, let first = points.first, let last = points.last,
      points.contains(where: { $0.y != first.y })
    else { return nil }
    var chart = Chart(x: points.map(\.x), y: points.map(\.y) + [0, 100], yLog: false)
    chart.line(points, .second)
    chart.dots(points, .second)
    let about =
      "From \(Wording.rounded(first.y)) % to \(Wording.rounded(last.y)) % of the rectified units."
    return Figure(
      title: "Units alive along the training.", about: about,
      image: chart.image(title: "Share of units alive by update", about: about, xTitle: "update"),
      legend: [(Chart.Look.second.swatch, "% of units that some sample switches on")],
      table: (
        ["update", "units alive, %"],
        points.map { [Wording.number($0.x), Wording.number($0.y)] }
      ))
  }

  private static func share(_ figures: Timeline.Figures) -> Double {
    Double(figures.deadUnits) / Double(max(1, figures.rectifiedUnits))
  }
}
