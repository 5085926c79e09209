import Diagnosis

extension HTMLReport {
  /// The run in pictures.
  var pictures: [Markup] {
    guard let plots = report.plots else { return [] }
    var figures = [
      NetworkChart(report)?.figure, .history(plots),
      .courses(plots, isChanged: !report.causes.isEmpty), .rates(plots),
    ]
    figures += [.timeline(report), .features(plots)]
    figures += plots.fits.map { .fit($0) } + plots.classes.map { .classes($0) }
    let drawn = figures.compactMap(\.self)
    guard !drawn.isEmpty else { return [] }
    return [
      .element("h3", "The run in pictures"),
      .element(
        "div", attributes: #"class="charts""#,
        drawn.map { $0.markup(hasNumbers: detail == .everything) }),
    ]
  }
}
