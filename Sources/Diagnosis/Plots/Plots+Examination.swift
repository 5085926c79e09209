import Runs

extension Plots {
  /// What an examination has to draw.
  ///
  /// - Parameter layers: by place of a finding, the layer that it belongs to.
  init(_ exam: Examination, _ findings: [Finding], layers: [Place: String]) {
    self.init(
      constant: exam.constantPrediction, history: Self.history(exam), courses: Self.courses(exam),
      rates: Self.rates(exam),
      layers: LayerPlot(exam, findings, layers: layers).layers, fits: exam.fits,
      classes: Self.classes(exam), features: Self.features(exam))
  }
}
