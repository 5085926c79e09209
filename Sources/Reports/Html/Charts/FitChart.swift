import Diagnosis

extension Figure {
  /// Predictions beside their targets.
  static func fit(_ fit: Plots.Fit) -> Figure? {
    let points = zip(fit.targets, fit.predictions).filter { $0.0.isFinite && $0.1.isFinite }
    guard points.count > 1 else { return nil }
    let all = points.flatMap { [$0.0, $0.1] }
    var chart = Chart(x: points.map(\.0), y: all, yLog: false, xPadded: true)
    let (low, high) = (points.map(\.0).min() ?? 0, points.map(\.0).max() ?? 0)
    chart.line([(low, low), (high, high)], .level)
    chart.dots(points.map { ($0.0, $0.1) }, .second)
    let predictions = points.map(\.1)
    let about =
      Set(predictions).count == 1
      ? "Every sample gets the same prediction, \(Wording.rounded(predictions[0]))."
      : "Targets from \(Wording.rounded(low)) to \(Wording.rounded(high)), predictions from "
        + "\(Wording.rounded(predictions.min() ?? 0)) to \(Wording.rounded(predictions.max() ?? 0))."
    return Figure(
      title: "Predictions of \(fit.name).", about: about,
      image: chart.image(
        title: "Predictions by target", about: about, xTitle: "target"),
      legend: [
        (Chart.dotSwatch, "one of \(points.count) samples, its prediction upwards"),
        (Chart.Look.level.swatch, "where it equals the target"),
      ],
      table: (
        ["target", "prediction"], points.map { [Wording.number($0.0), Wording.number($0.1)] }
      ))
  }
}
