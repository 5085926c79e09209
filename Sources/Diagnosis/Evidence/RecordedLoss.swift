import Replay
import Runs

/// A recorded training loss beside the one that is replayed at the weights before and after it.
struct RecordedLoss {
  /// How the two lie to each other at one end of the training.
  enum Fit { case agrees, differs, unknown }

  /// The first recorded value.
  let first: Double
  /// The median of the last few.
  let last: Double
  /// The replayed loss at the start; nil when the weights of then are not known.
  let replayedFirst: Double?
  /// The replayed loss at the end.
  let replayedLast: Double
  let start: Fit
  let end: Fit
  /// Whether the record came by what is replayed at the end, as when the best epoch was restored.
  let isPassed: Bool
  /// Where a loss at the end would lie that the last values allow.
  private let allowed: ClosedRange<Double>
  /// How far one at the start may lie from the first value.
  private let spread: Double
  private let values: [Double]

  /// How far apart two losses are that differ.
  static let ratio = Threshold(
    "ratio", 1.25, unit: "larger loss / smaller loss", "losses that are nearer agree")
  /// How many values tell where a record ends.
  static let fewest = 4
  /// A curve goes on by no more than so many times what its last quarter spans: a mean over an epoch
  /// lags, and batches differ.
  private static let slack = 1.5
  /// The rounding of frameworks, as a share.
  private static let rounding = 0.02

  /// - Parameter ratio: how far apart two losses are that differ.
  /// - Throws: `NotChecked` when there is no record, or too short a one.
  init(_ exam: Examination, ratio: Double) throws(NotChecked) {
    guard let recorded = exam.series["loss"], let series = exam.run.history["loss"] else {
      throw NotChecked("the run has no history of its loss")
    }
    let finite = Array(recorded.prefix { $0.isFinite })
    let batches = (exam.run.samples + exam.run.batchSize - 1) / max(1, exam.run.batchSize)
    let isPerStep = !series.perEpoch || batches <= 1
    let block = series.perEpoch ? 1 : min(max(1, batches), max(1, finite.count / 8))
    values = stride(from: 0, to: finite.count, by: block).map { start in
      let part = finite[start..<min(finite.count, start + block)]
      return part.reduce(0, +) / Double(part.count)
    }
    guard let first = finite.first, values.count >= Self.fewest else {
      throw NotChecked(
        "the history has \(Wording.count(values.count, "value")), and \(Self.fewest) are needed")
    }
    self.first = first
    let tail = values.suffix(max(Self.fewest, values.count / 4))
    last = LossCurve.median(tail.suffix(3))
    let (low, high) = (tail.min() ?? last, tail.max() ?? last)
    let reach = Self.slack * (high - low) + Self.rounding * abs(last)
    allowed = (low - reach)...(high + reach)
    // A user may have recorded the loss with or without the penalties.
    replayedLast = Self.nearest(exam.current, to: last)
    replayedFirst = exam.initial.map { Self.nearest($0, to: first) }
    end =
      finite.count < recorded.count
      ? .unknown
      : allowed.contains(replayedLast) || Self.near(replayedLast, last, ratio) ? .agrees : .differs
    isPassed = ((values.min() ?? last)...(values.max() ?? last)).contains(replayedLast)
    let head = finite.prefix(batches <= 1 ? 2 : 5)
    let spread =
      Self.slack * ((head.max() ?? first) - (head.min() ?? first)) + Self.rounding * abs(first)
    self.spread = spread
    guard let replayedFirst else {
      start = .unknown
      return
    }
    if abs(replayedFirst - first) <= spread || Self.near(replayedFirst, first, ratio) {
      start = .agrees
    } else {
      // The mean over the first epoch is of weights on their way down.
      start = isPerStep || first > replayedFirst ? .differs : .unknown
    }
  }

  private static func nearest(_ vitals: ReplayVitals, to value: Double) -> Double {
    abs(vitals.loss - value) < abs(vitals.dataLoss - value) ? vitals.loss : vitals.dataLoss
  }

  /// Whether two losses are apart by less than a ratio, or by as little where they are not positive.
  static func near(_ a: Double, _ b: Double, _ ratio: Double) -> Bool {
    guard a.isFinite, b.isFinite else { return false }
    guard a > 0, b > 0 else { return abs(a - b) <= (ratio - 1) * max(abs(a), abs(b)) }
    return max(a / b, b / a) <= ratio
  }

  /// Whether other losses, at both ends, are what was recorded.
  ///
  /// - Parameter start: nil where that is not known.
  func fits(start: Double?, end: Double) -> Bool {
    let isEnd = allowed.contains(end) || Self.near(end, last, Self.closeness)
    guard isEnd, self.start == .differs, let start else { return isEnd }
    return abs(start - first) <= spread || Self.near(start, first, Self.closeness)
  }

  /// How near a loss is to what it is taken for.
  private static let closeness = 1.1

  /// Whether the values are running means over all of the training: what was seen in the last quarter
  /// is what is replayed.
  var isRunningMean: Bool {
    let count = values.count
    let from = count - max(1, count / 4)
    guard count >= 8, let mean = values.last else { return false }
    let late = (Double(count) * mean - Double(from) * values[from - 1]) / Double(count - from)
    return Self.near(late, replayedLast, Self.closeness)
  }
}
