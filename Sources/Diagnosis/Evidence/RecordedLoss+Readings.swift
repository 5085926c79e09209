import Glibc
import Replay
import Runs
import Trials

extension RecordedLoss {
  /// What a recorded loss is, where it is not the replayed one.
  struct Reading {
    /// The end of "the recorded loss is …".
    let text: String
    /// Whether it tells of a fault in the loss itself, and not of another way to report it.
    let isFault: Bool
    /// What the recorded value is divided by the replayed one; nil where no factor explains it.
    var factor: Double?
  }

  /// The first reading that both ends of the record agree with; nil when none does.
  func reading(_ exam: Examination) -> Reading? {
    for (factor, text) in Self.factors(exam)
    where fits(start: replayedFirst.map { factor * $0 }, end: factor * replayedLast) {
      return Reading(text: text, isFault: false, factor: factor)
    }
    if isRunningMean {
      return Reading(text: "the mean over all of the training so far", isFault: false)
    }
    for (text, map) in Self.maps
    where fits(start: replayedFirst.map(map), end: map(replayedLast)) {
      return Reading(text: text, isFault: false)
    }
    if let shares = Self.shares(exam, of: { $0 }), fits(start: shares.start, end: shares.end) {
      return Reading(text: "the accuracy, and no loss", isFault: false)
    }
    if let shares = Self.shares(exam, of: { 1 - $0 }), fits(start: shares.start, end: shares.end) {
      return Reading(text: "the share of errors, and no loss", isFault: false)
    }
    return other(exam)
  }

  /// The sibling of the loss that was recorded.
  private func other(_ exam: Examination) -> Reading? {
    guard let end = exam.readings.end else { return nil }
    let start = exam.readings.start
    if let wide = end.broadcast, fits(start: start?.broadcast, end: wide) {
      return Reading(
        text: "what comes of every prediction held against every target, as (N, 1) and (N,) do",
        isFault: true)
    }
    for reading in end.others {
      let other = start?.others.first { $0.kind == reading.kind }
      if fits(start: other?.value, end: reading.value) {
        return Reading(
          text: "\(Terms(exam.run).theLoss(reading.kind)) of the same predictions", isFault: false)
      }
    }
    return nil
  }

  /// Factors between ways to report one loss, with what each would mean.
  private static func factors(_ exam: Examination) -> [(Double, String)] {
    let run = exam.run
    let (rows, batch) = (Double(max(1, run.samples)), Double(run.batchSize))
    let batches = (rows / batch).rounded(.up)
    let width =
      run.losses.first.map {
        Double(exam.plan.operands[$0.prediction].shape.rowCount)
      } ?? 1
    let named: [(Double, String)] = [
      (batch, "the sum over the \(Wording.number(batch)) rows of a batch"),
      (batches, "the sum over the \(Wording.number(batches)) batches of an epoch"),
      (rows, "the sum over all \(Wording.number(rows)) rows"),
      (width, "the sum over the \(Wording.number(width)) values of a row"),
      (width * batch, "the sum over all values of a batch"),
      (2, "twice the loss"),
    ]
    let weights = run.losses.count == 1 ? run.losses.map(\.weight).filter { $0 > 0 } : []
    let others: [(Double, String)] =
      named.map { (1 / $0.0, "the loss divided by \(Wording.number($0.0)) once more") }
      + weights.map { (1 / $0, "the loss without its weight of \(Wording.number($0))") }
      + [
        (1 / M_LN2, "the loss in bits (logarithms to base 2)"),
        (1 / M_LN10, "the loss by logarithms to base 10"),
      ]
    return (named + others).filter { abs(log($0.0)) > log(1.25) }
  }

  /// Ways to report a loss that are no factor.
  private static let maps: [(String, @Sendable (Double) -> Double)] = [
    ("the square root of the loss", { $0 > 0 ? $0.squareRoot() : .nan }),
    ("the exponential of the loss (the perplexity)", { exp($0) }),
    ("the loss with its sign turned", { -$0 }),
  ]

  /// A function of the share of right labels at both ends, as a share or in percent.
  private static func shares(
    _ exam: Examination, of map: (Double) -> Double
  ) -> (start: Double?, end: Double)? {
    guard let end = accuracy(exam.current) else { return nil }
    let isPercent = (exam.series["loss"] ?? []).contains { $0 > 1 }
    let scale = isPercent ? 100.0 : 1
    return (exam.initial.flatMap(accuracy).map { scale * map($0) }, scale * map(end))
  }

  private static func accuracy(_ vitals: ReplayVitals) -> Double? {
    guard vitals.losses.count == 1, let classes = vitals.losses[0].classes else { return nil }
    let all = classes.actual.joined().reduce(0, +)
    return all > 0 ? Double(classes.correct.joined().reduce(0, +)) / Double(all) : nil
  }
}
