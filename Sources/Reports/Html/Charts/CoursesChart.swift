import Diagnosis

extension Figure {
  /// The training tried again: as it was set, and with changes.
  ///
  /// - Parameter isChanged: whether the changes are drawn, too: of a sound run they say nothing.
  static func courses(_ plots: Plots, isChanged: Bool) -> Figure? {
    let looks: [Chart.Look] = [.first, .second, .third, .fourth]
    let courses = plots.courses.filter { $0.losses.count > 1 }
      .prefix(isChanged ? looks.count : 1)
    guard !courses.isEmpty, courses.contains(where: { $0.losses.contains(where: \.isFinite) })
    else {
      return nil
    }
    let least = courses.flatMap { $0.losses + $0.lowest }.filter { $0 > 0 }.min() ?? 1
    let floor = max(least, 1e-6)
    // A loss that is 0 has no place on a logarithmic side: it is drawn at the least of the others.
    func drawn(_ values: [Double]) -> [Double] { values.map { min(max($0, floor), 1e6) } }
    var all = [1.0]
    for course in courses { all += drawn(course.losses + course.lowest + course.highest) }
    var chart = Chart(x: courses.flatMap { $0.updates.map(Double.init) }, y: all, withZero: true)
    chart.level(y: 1, .level)
    var legend: [(Markup, String)] = []
    for (course, look) in zip(courses, looks) {
      let xs = course.updates.map(Double.init)
      chart.band(xs, drawn(course.lowest), drawn(course.highest), look)
      chart.line(zip(xs, drawn(course.losses)).map { ($0, $1) }, look)
      let end = course.losses.last.map { $0.isFinite ? Wording.rounded($0) : "no number" } ?? ""
      legend.append((look.swatch, "\(course.name): ends at \(end)"))
    }
    legend.append((Chart.Look.level.swatch, "\(plots.constant): 1"))
    let about = legend.dropLast().map(\.1).joined(separator: "; ") + "."
    let hasBands = courses.contains { !$0.lowest.isEmpty }
    let rows = courses.flatMap { course in
      zip(course.updates, course.losses).map {
        [course.name, "\($0)", Wording.number($1)]
      }
    }
    return Figure(
      title: "The training, tried again.",
      about: "The loss, in units of \(plots.constant)"
        + (hasBands ? "; bands are other orders of the batches." : "."),
      image: chart.image(
        title: "Loss of trials by updates", about: about, xTitle: "updates"),
      legend: legend, table: (["training", "updates", "loss"], rows))
  }
}
