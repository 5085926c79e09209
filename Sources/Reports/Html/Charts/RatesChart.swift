import Diagnosis

extension Figure {
  /// What some updates come to at other learning rates.
  static func rates(_ plots: Plots) -> Figure? {
    guard let rates = plots.rates else { return nil }
    let pairs = zip(rates.rates, rates.losses).filter { $0.0 > 0 && $0.0.isFinite && !$0.1.isNaN }
    let finite = pairs.filter { $0.1.isFinite }
    guard pairs.count > 2, !finite.isEmpty, rates.own > 0 else { return nil }
    let floor = max(finite.map(\.1).filter { $0 > 0 }.min() ?? 1, 1e-6)
    let points = finite.map { (x: $0.0, y: max($0.1, floor)) }
    var chart = Chart(
      x: pairs.map(\.0) + [rates.own], y: points.map(\.y) + [1], xLog: true, withZero: true)
    chart.level(y: 1, .level)
    chart.level(x: rates.own, .other)
    chart.line(points, .second)
    chart.dots(points, .second)
    let lost = pairs.filter { !$0.1.isFinite }
    for pair in lost { chart.cross(x: pair.0, .first) }
    var legend = [
      (Chart.Look.second.swatch, "loss, in units of \(plots.constant)"),
      (Chart.Look.other.swatch, "this run: \(Wording.rounded(rates.own))"),
      (Chart.Look.level.swatch, "\(plots.constant): 1"),
    ]
    if !lost.isEmpty { legend.append((Chart.crossSwatch, "ran away")) }
    let best = finite.min { $0.1 < $1.1 } ?? (rates.own, 1)
    let worst = finite.map(\.1).max() ?? 1
    let after = "After \(Wording.count(rates.updates, "update"))"
    let about =
      worst - best.1 <= 0.02 * worst
      ? "\(after) every learning rate that does not run away is at the same loss."
      : "\(after) the loss is lowest at \(Wording.rounded(best.0)); this run has "
        + "\(Wording.rounded(rates.own))."
    return Figure(
      title: "Learning rates.", about: about,
      image: chart.image(
        title: "Loss by learning rate", about: about, xTitle: "learning rate"),
      legend: legend,
      table: (
        ["learning rate", "loss"],
        pairs.map { [Wording.number($0.0), $0.1.isFinite ? Wording.number($0.1) : "ran away"] }
      ))
  }
}
