import Operators
import Runs

/// A recorded loss that is not the one that was handed over.
struct HistoryMismatch: Rule {
  static let unexplained = Threshold(
    "unexplained", 3, unit: "replayed loss / recorded loss",
    "a warning where the weights before the training are not known, and a note below")

  static let info = RuleInfo(
    id: "history-mismatch", title: "The recorded loss is another one", severity: .warning,
    evidence: .proof,
    summary: """
      The recorded loss differs by more than a quarter from the loss replayed at the same weights, \
      both before and after the training, beyond what epochs, batches and rounding explain.
      """,
    rationale: """
      At the weights that a training began and ended with, its loss can be computed again. What was
      recorded lags behind where it is the mean over an epoch, and swings with the batches: the rule
      allows for one and a half times what the last quarter of the record spans, and compares the first
      value as well. Then it looks for what the record is: a sum where a mean was handed over, the
      loss of an epoch added up, logarithms of another base, a root, an accuracy, or another loss of
      the same predictions. Such a record is a note: it is another way to report, or tells which loss
      was trained on. A batch that was summed is a warning where the training learned little.
      Where nothing explains it, the training optimized something else than what was handed
      over, and what the report says of its settings holds for the loss that it was told.
      Weights of an earlier epoch that were restored at the end are recognised by the record,
      which came by their loss. Dropout is left out of the replay, so that nothing is compared
      there.
      """,
    remedy: """
      Compare one batch: compute the loss by the handed-over model and by the loop, and look for where \
      they part (the network, the loss, its reduction, the preparation of the data).
      """,
    source: "Reasoned; PyTorch and Keras document how they reduce and report losses",
    thresholds: [RecordedLoss.ratio, unexplained], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    let nodes = exam.run.graph.nodes
    guard !nodes.contains(where: { $0.kind.states(.drops) }) else {
      throw NotChecked("the network has dropout, which the replay leaves out")
    }
    guard
      exam.run.training.trainMode || !nodes.contains(where: { $0.kind.states(.normalizesBatch) })
    else {
      throw NotChecked(
        "the run was exported in evaluation mode, in which batch normalization gives another loss")
    }
    let record = try RecordedLoss(exam, ratio: exam.value(RecordedLoss.ratio, of: Self.self))
    guard record.end == .differs, record.start != .agrees,
      record.start == .differs || !record.isPassed
    else { return [] }
    let reading = record.reading(exam)
    let factor = record.last != 0 ? record.replayedLast / record.last : .infinity
    let isPlain =
      record.start == .differs || factor >= exam.value(Self.unexplained, of: Self.self)
    var severity: Severity =
      reading.map { $0.isFault ? .error : .note } ?? (isPlain ? .warning : .note)
    let isSum = isSum(reading, exam)
    if isSum, severity == .note { severity = .warning }
    return [finding(record, reading, severity, isSum: isSum)]
  }

  /// Whether a batch was summed in a training that learned little: with the sum, its steps were too
  /// long by as much.
  private func isSum(_ reading: RecordedLoss.Reading?, _ exam: Examination) -> Bool {
    let (rows, batch) = (exam.run.samples, exam.run.batchSize)
    guard batch > 1, reading?.factor == Double(batch), (rows + batch - 1) / batch != batch else {
      return false
    }
    return (exam.relativeLoss?.current ?? 0) > Limits.fair.value
  }

  private func finding(
    _ record: RecordedLoss, _ reading: RecordedLoss.Reading?, _ severity: Severity, isSum: Bool
  ) -> Finding {
    let start =
      record.start == .differs
      ? record.replayedFirst.map {
        """
        ; it begins with \(Wording.number(record.first)), where the weights before the training give \
        \(Wording.number($0))
        """
      } ?? "" : ""
    let steps =
      isSum ? " If the loop trained on it, its steps were that many times as long." : ""
    let what =
      reading.map { "What was recorded is \($0.text).\(steps)" }
        ?? """
        No factor, and no other loss of these predictions, explains that: the training optimized \
        something else than the loss, the network and the data that were handed over.
        """
    return Finding(
      Self.self, severity, at: Place(.run, "history"),
      """
      Proved: the recorded loss ends at \(Wording.number(record.last)), and the replay of the same \
      weights gives \(Wording.number(record.replayedLast))\(start). \(what)
      """,
      evidence: [
        Measure("recorded", record.last), Measure("replayed", record.replayedLast),
        Measure("recorded_first", record.first),
        Measure("replayed_first", record.replayedFirst.map { .number($0) } ?? .null),
        Measure("reading", reading.map { .string($0.text) } ?? .null),
        Measure("factor", reading?.factor.map { .number($0) } ?? .null),
      ],
      remedy: reading.map {
        $0.isFault
          ? "Give prediction and target one shape before the loss: y[:, None], or squeeze both."
          : "Record the loss that the optimizer gets, or hand over the one that was recorded."
      },
      // Another way to report leads only where nothing else was found.
      facts: Facts(link: reading?.isFault == false ? .outcome : nil))
  }
}

extension HistoryMismatch {
  /// y = x on three rows in one batch, by a slope that goes from one value to another.
  private static func line(
    _ net: inout RunBuilder, from start: Float? = 0, to end: Float = 0.8, dropout: Bool = false,
    _ losses: [Float]?
  ) {
    net.input([[1], [2], [9]])
    net.dense("fc", [[end]], initial: start.map { [[$0]] })
    if dropout {
      net.parameter("ratio", shape: [], [0.5], trainable: false)
      net.layer("Dropout", "drop", operands: ["ratio"])
    }
    net.loss("mse", shape: [3, 1], [1, 2, 9])
    if let losses { net.record("loss", losses) }
  }

  /// A curve that goes down from one loss to another, and stays there.
  private static func curve(_ first: Float, _ last: Float) -> [Float] {
    [1, 0.8, 0.5, 0.3, 0.15, 0.08, 0.04, 0.02, 0.01, 0, 0, 0].map { last + $0 * (first - last) }
  }

  private static let examples: [Example] = [
    .fires("another loss from the first value to the last", at: ["history"]) {
      line(&$0, curve(400, 300))
    },
    .fires("a sum was recorded: a note", at: ["history"]) { line(&$0, curve(86, 3.44)) },
    .fires("the root was recorded: a note", at: ["history"]) {
      line(&$0, to: 0.9, curve(5.354, 0.535))
    },
    .fires("the absolute error was recorded: a note", at: ["history"]) {
      line(&$0, curve(4, 0.8))
    },
    .fires("every prediction met every target", at: ["history"]) {
      line(&$0, from: -1, curve(89.33, 21.41))
    },
    .fires("a batch was summed, and little was learned: a warning", at: ["history"]) {
      line(&$0, from: -1, to: 0.05, curve(344, 77.6))
    },
    .silent("the record agrees") { line(&$0, curve(28.67, 1.147)) },
    .silent("means over epochs of a loss that falls") {
      line(&$0, (0..<10).map { 28.67 * Float(10 - $0) / 10 })
    },
    .silent("the best epoch was restored") {
      line(&$0, from: nil, [28.67, 9, 3, 1.1, 2, 4, 8, 8.1, 8.1, 8.1, 8.1, 8.1])
    },
    .silent("the first values agree, as with images that the training turns") {
      line(&$0, curve(28.67, 4))
    },
    .cannotTell("dropout is left out of the replay") {
      line(&$0, dropout: true, curve(400, 300))
    },
    .cannotTell("no history") { line(&$0, nil) },
  ]
}
