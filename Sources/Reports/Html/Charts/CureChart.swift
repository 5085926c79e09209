import Diagnosis

extension Figure {
  /// The scores of all trainings that were tried for a cure.
  static func cure(_ report: Report) -> Figure? {
    guard let cure = report.cure, !cure.asSet.isEmpty, !cure.after.isEmpty else { return nil }
    var rows: [(name: String, scores: [Double], look: Chart.Look)] = []
    if let before = cure.before { rows.append(("this run", [before], .first)) }
    rows.append(("as set, again", cure.asSet, .first))
    if !cure.changes.isEmpty { rows.append(("with the cure", cure.after, .third)) }
    if cure.changes.count > 1 {
      for change in cure.changes where !change.without.isEmpty {
        rows.append(("all but: " + change.text, change.without, .second))
      }
    }
    for attempt in cure.tried.prefix(3) where !attempt.scores.isEmpty {
      rows.append(("alone: " + attempt.text, attempt.scores, .second))
    }
    // A score below −1 says no more than that.
    let drawn = rows.map { row in row.scores.filter { !$0.isNaN }.map { min(max($0, -1), 1) } }
    let all = drawn.flatMap(\.self)
    guard !all.isEmpty else { return nil }
    var chart = RowsChart(rows.map(\.name), isStacked: true) { from, to in
      Scale(all + [0, 1], isLogarithmic: false, from: from, to: to)
    }
    for (row, scores) in drawn.enumerated() {
      if let low = scores.min(), let high = scores.max(), high > low {
        chart.line(row, low, high, rows[row].look)
      }
      for score in scores { chart.dot(row, score, rows[row].look) }
    }
    let about =
      "\(cure.score), where 1 is best; a dot for each training, in other orders of the rows."
    return Figure(
      title: "What was tried.", about: about,
      image: chart.image(
        title: "Scores of trainings",
        about: rows.map { "\($0.name): \(CureStatement.figures($0.scores))" }.joined(
          separator: "; ")),
      table: (
        ["training", cure.score], rows.map { [$0.name, CureStatement.figures($0.scores)] }
      ))
  }
}

extension Figure {
  /// How the score went in the same training again, and with the cure.
  static func cureCourses(_ report: Report) -> Figure? {
    guard let cure = report.cure else { return nil }
    let looks: [Chart.Look] = [.first, .third]
    let courses = cure.courses.filter {
      $0.updates.count > 1 && $0.updates.count == $0.scores.count
    }
    guard !courses.isEmpty else { return nil }
    var chart = Chart(
      x: courses.flatMap { $0.updates.map(Double.init) }, y: courses.flatMap(\.scores) + [0, 1],
      yLog: false)
    var legend: [(Markup, String)] = []
    for (course, look) in zip(courses, looks) {
      chart.line(zip(course.updates, course.scores).map { (Double($0), $1) }, look)
      let end = course.scores.last.map(CureStatement.figure) ?? ""
      legend.append((look.swatch, "\(course.name): ends at \(end)"))
    }
    let about = legend.map(\.1).joined(separator: "; ") + "."
    return Figure(
      title: "The way there.", about: "\(cure.score) after so many updates, of one training each.",
      image: chart.image(title: "Scores by updates", about: about, xTitle: "updates"),
      legend: legend,
      table: (
        ["training", "updates", cure.score],
        courses.flatMap { course in
          zip(course.updates, course.scores).map {
            [course.name, "\($0)", CureStatement.figure($1)]
          }
        }
      ))
  }
}
