import Diagnosis

extension Figure {
  /// The recorded loss, with what predictors without a network lose.
  static func history(_ plots: Plots) -> Figure? {
    guard let history = plots.history, history.values.count > 1 else { return nil }
    let span = Double(history.span)
    let points = history.values.enumerated().map { (x: Double($0 + 1) * span, y: $1) }
    let levels = [history.constant, history.simple?.loss].compactMap { $0 }
    guard history.values.contains(where: \.isFinite) else { return nil }
    var chart = Chart(x: points.map(\.x), y: history.values + levels)
    var legend = [(Chart.Look.first.swatch, "the recorded loss")]
    if let constant = history.constant {
      chart.level(y: constant, .level)
      legend.append(
        (Chart.Look.level.swatch, "\(plots.constant): \(Wording.rounded(constant))"))
    }
    if let simple = history.simple {
      chart.level(y: simple.loss, .other)
      legend.append((Chart.Look.other.swatch, "\(simple.name): \(Wording.rounded(simple.loss))"))
    }
    chart.line(points.filter { $0.y.isFinite }, .first)
    let unit = history.unit
    let (first, last) = (history.values.first ?? 0, history.values.last ?? 0)
    let about = "From \(Wording.rounded(first)) to \(Wording.rounded(last))."
    return Figure(
      title: "The loss, as it was recorded.", about: about,
      image: chart.image(
        title: "The loss by \(unit)", about: about + words(history, plots.constant), xTitle: unit),
      legend: legend,
      table: (
        [unit, "loss"],
        points.map { [Wording.number($0.x), Wording.number($0.y)] }
      ))
  }

  private static func words(_ history: Plots.History, _ name: String) -> String {
    var text = ""
    if let constant = history.constant {
      text += " The line of \(name) is at \(Wording.rounded(constant))."
    }
    if let simple = history.simple {
      text += " \(simple.name): \(Wording.rounded(simple.loss))."
    }
    return text
  }
}
