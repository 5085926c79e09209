import Runs
import Trials

extension Plots {
  /// The most values of a history.
  private static let historyLimit = 120
  /// Recorded and replayed losses that are farther apart, in units of the constant's, are not of one
  /// kind.
  private static let apart = 0.5

  static func history(_ exam: Examination) -> History? {
    guard let recorded = exam.series["loss"], recorded.count > 1,
      let series = exam.run.history["loss"]
    else { return nil }
    let span = (recorded.count + historyLimit - 1) / historyLimit
    let values = stride(from: 0, to: recorded.count, by: span).map { start in
      let part = recorded[start..<min(recorded.count, start + span)]
      return short(part.reduce(0, +) / Double(part.count))
    }
    let (constant, simple) = levels(exam, recorded)
    return History(
      unit: series.perEpoch ? "epoch" : "step", span: span, values: values,
      constant: constant.map(short), simple: simple)
  }

  /// What predictions without a network lose, where the history is of the loss that was replayed.
  private static func levels(
    _ exam: Examination, _ recorded: [Double]
  ) -> (constant: Double?, simple: Simple?) {
    guard let yardstick = exam.relativeLoss?.yardstick, let last = recorded.last, last.isFinite,
      abs(last - exam.current.loss) <= apart * abs(yardstick.constant - yardstick.perfect)
        || abs(last - exam.current.loss) <= 0.1 * abs(last)
    else { return (nil, nil) }
    return (yardstick.constant, simple(exam, yardstick))
  }

  private static func simple(_ exam: Examination, _ yardstick: Yardstick) -> Simple? {
    if case .done(let match) = exam.baselineMatch, case .loss = match.score {
      return Simple(name: match.predictor, loss: short(match.simple))
    }
    // A share of the variance is one of the squared error.
    guard exam.run.losses.count == 1, exam.run.losses[0].kind == "mse",
      let baselines = exam.survey.baselines.first.flatMap({ $0 }), baselines.pValue <= 0.05,
      let best = baselines.scores.max(by: { $0.score < $1.score }), best.score > 0
    else { return nil }
    return Simple(name: best.name, loss: short(yardstick.loss(1 - best.score)))
  }
}
