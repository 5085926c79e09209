/// The training loss as the changes recorded it, as a curve of one value an epoch.
struct LossCurve {
  /// The values: of epochs, or means of as many steps as make at most `limit` values.
  let values: [Double]
  /// "epoch", or the steps behind one value.
  let unit: String
  /// Where the recorded series first was not finite; an index into `values`.
  let firstNonFinite: Int?

  /// The fewest values that steps are drawn together to, where they are more than these.
  private static let limit = 50
  /// The most values of a curve: longer ones are drawn together, so that no rule takes long.
  private static let most = 1000
  /// The fewest values that tell a curve.
  static let fewest = 10

  /// - Throws: `NotChecked` when the run has no such history, or too short a one.
  init(_ exam: Examination) throws(NotChecked) {
    guard let recorded = exam.series["loss"], let series = exam.run.history["loss"] else {
      throw NotChecked("the run has no history of its loss")
    }
    var block = 1
    if !series.perEpoch {
      let rows = Double(max(1, exam.run.samples)) / Double(max(1, exam.run.batchSize))
      // An epoch's steps, if that leaves enough values.
      let steps = Int(rows.rounded(.up))
      block = recorded.count / max(1, steps) >= Self.fewest ? steps : recorded.count / Self.limit
      block = max(block, recorded.count / Self.limit, 1)
    }
    block = max(block, (recorded.count + Self.most - 1) / Self.most)
    let means = stride(from: 0, to: recorded.count, by: block).map { start in
      let part = recorded[start..<min(recorded.count, start + block)]
      return part.reduce(0, +) / Double(part.count)
    }
    firstNonFinite = means.firstIndex { !$0.isFinite }
    values = means
    let one = series.perEpoch ? "epoch" : "step"
    unit = block == 1 ? one : "block of \(block) \(one)s"
    guard values.count >= Self.fewest || firstNonFinite != nil else {
      throw NotChecked(
        "the history has \(Wording.count(values.count, "value")), and \(Self.fewest) are needed")
    }
  }

  /// The finite values before the first that is not.
  var finite: ArraySlice<Double> { values[..<(firstNonFinite ?? values.count)] }

  /// The curve's own numbers, thinned to at most 20, for the evidence.
  var measure: Measure {
    let step = max(1, (values.count + 19) / 20)
    return Measure(
      "curve", .numbers(stride(from: 0, to: values.count, by: step).map { values[$0] }),
      unit: "loss, every \(step). \(unit)")
  }

  /// Whether a recorded loss came down by more than chance: the median of its last fifth below nine
  /// tenths of that of its first.
  static func fell(_ values: [Double]) -> Bool {
    let part = max(1, values.count / 5)
    guard values.count >= 2, let last = values.last, last.isFinite else { return false }
    let first = median(values.prefix(part))
    return first.isFinite && median(values.suffix(part)) < Limits.fallenLoss.value * first
  }

  static func median(_ values: some Collection<Double>) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
