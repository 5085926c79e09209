import Diagnosis

extension Figure {
  /// Where the values of each column lie.
  static func features(_ plots: Plots) -> Figure? {
    let features = plots.features.filter {
      $0.minimum.isFinite && $0.maximum.isFinite && $0.mean.isFinite && $0.deviation.isFinite
    }
    guard features.count > 1 else { return nil }
    let values = features.flatMap {
      [$0.minimum, $0.maximum, $0.mean - $0.deviation, $0.mean + $0.deviation]
    }
    let sizes = values.map(abs).filter { $0 > 0 }
    let isWide =
      (sizes.max() ?? 1) / max(features.map(\.deviation).filter { $0 > 0 }.min() ?? 1, 1e-300) > 50
    var chart = RowsChart(features.map(\.name)) { from, to in
      isWide
        ? Scale(symmetric: values, from: from, to: to)
        : Scale(values, isLogarithmic: false, from: from, to: to, withZero: true)
    }
    for (row, feature) in features.enumerated() {
      chart.bar(row, feature.minimum, feature.maximum, .second, at: 0.44...0.56)
      chart.bar(
        row, max(feature.minimum, feature.mean - feature.deviation),
        min(feature.maximum, feature.mean + feature.deviation), .second, at: 0.22...0.78)
    }
    let about = isWide ? "Zero and large values on one scale, which is logarithmic." : ""
    let ranges = features.prefix(12).map {
      "\($0.name) \(Wording.rounded($0.minimum)) to \(Wording.rounded($0.maximum))"
    }
    return Figure(
      title: "The scale of the features.", about: about,
      image: chart.image(
        title: "Ranges of the features", about: ranges.joined(separator: "; ")),
      legend: [
        (Chart.Look.second.box, "thin: all values; thick: mean and standard deviation")
      ],
      table: (
        ["column", "mean", "deviation", "smallest", "largest"],
        features.map {
          [$0.name] + [$0.mean, $0.deviation, $0.minimum, $0.maximum].map(Wording.number)
        }
      ))
  }

  /// How often each label occurs, and is predicted.
  static func classes(_ classes: Plots.Classes) -> Figure? {
    let (actual, predicted) = (classes.actual, classes.predicted)
    let all = Double(actual.reduce(0, +))
    guard actual.count > 1, all > 0, predicted.count == actual.count else { return nil }
    let shares = (actual + predicted).map { 100 * Double($0) / all }
    var chart = RowsChart(actual.indices.map { "label \($0)" }) { from, to in
      Scale(shares + [0], isLogarithmic: false, from: from, to: to, withZero: true)
    }
    for label in actual.indices {
      chart.bar(label, 0, 100 * Double(actual[label]) / all, .third, at: 0.14...0.48)
      chart.bar(label, 0, 100 * Double(predicted[label]) / all, .second, at: 0.52...0.86)
    }
    let never = predicted.indices.filter { predicted[$0] == 0 && actual[$0] > 0 }
    let about =
      never.isEmpty
      ? "" : "Never predicted: \(Wording.indices(never))."
    return Figure(
      title: "Labels of \(classes.name), % of the samples.", about: about,
      image: chart.image(
        title: "Labels and predictions",
        about: actual.indices.map {
          "label \($0): \(actual[$0]) targets, \(predicted[$0]) predictions"
        }
        .joined(separator: "; ")),
      legend: [
        (Chart.Look.third.box, "so often it is the target"),
        (Chart.Look.second.box, "so often it is predicted"),
      ],
      table: (
        ["label", "targets", "predictions"],
        actual.indices.map { ["\($0)", "\(actual[$0])", "\(predicted[$0])"] }
      ))
  }
}
