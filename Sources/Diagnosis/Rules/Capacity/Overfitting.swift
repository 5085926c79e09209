import Operators
import Replay
import Runs

/// A model that does much better on what it was trained on.
struct Overfitting: Rule {
  static let ratio = Threshold(
    "ratio", 1.1, unit: "validation loss / training loss", "more may be a warning")
  static let errorRatio = Threshold(
    "error-ratio", 1.5, unit: "validation loss / training loss", "more may be an error")
  static let gap = Threshold(
    "gap", 0.25, unit: "of the loss of the best constant", "a smaller gap is harmless")
  static let errorGap = Threshold(
    "error-gap", 0.9, unit: "of the loss of the best constant", "a larger gap may be an error")

  static let info = RuleInfo(
    id: "overfitting", title: "Much better on the training data", severity: .warning,
    evidence: .proof,
    summary: """
      The validation loss is more than 1.1 times the training loss, and the gap more than a \
      quarter of what the best constant prediction loses.
      """,
    rationale: """
      Both losses are replayed at the same weights, without dropout, by the same loss. Their ratio
      alone says little: a model with a training loss of 0.001 and a validation loss of 0.01 has
      learned well, where a constant would lose 2. So the gap counts in terms of what there is to
      gain. An error takes a validation loss
      1.5 times as large and a gap of nine tenths of that gain: then nothing that was learned holds. Where
      the validation data is made unlike the training data that is the cause, and not the fit.
      """,
    remedy: "Stop earlier, use weight decay or dropout, a smaller model, or more data.",
    source: "Prechelt, Early Stopping — But When? (1998)",
    thresholds: [ratio, errorRatio, gap, errorGap], link: .state, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard let validation = exam.validation else {
      throw NotChecked("the run has no validation data")
    }
    try exam.requireLoss()
    guard let replay = validation.replay else {
      throw NotChecked(validation.problem ?? "the validation data cannot be replayed")
    }
    guard validation.isFinite else {
      throw NotChecked("values of the replay on the validation data are not finite")
    }
    if exam.isTrained == false { return [] }
    guard let constant = validation.constantLoss else {
      throw NotChecked("the best constant prediction on the validation data is not known")
    }
    return finding(exam.current.dataLoss, replay.dataLoss, constant, exam).map { [$0] } ?? []
  }

  private func finding(
    _ training: Double, _ held: Double, _ constant: Double, _ exam: Examination
  ) -> Finding? {
    let gap = (held - training) / constant
    let ratio = training > 0 ? held / training : Double.infinity
    let limits = (
      exam.value(Self.ratio, of: Self.self), exam.value(Self.errorRatio, of: Self.self),
      exam.value(Self.gap, of: Self.self), exam.value(Self.errorGap, of: Self.self)
    )
    guard constant > 0, training >= 0, ratio > limits.0, gap > limits.2 else { return nil }
    let isError = ratio > limits.1 && gap > limits.3
    var message = """
      Proved: the loss is \(Wording.number(training)) on the \(exam.run.samples) training samples \
      and \(Wording.number(held)) on the \(exam.run.onValidation?.samples ?? 0) of the validation \
      data, \(Wording.number(ratio)) times as much; \(exam.constantPrediction) loses \
      \(Wording.number(constant)) there.
      """
    var evidence = [
      Measure("training_loss", training), Measure("validation_loss", held),
      Measure("ratio", ratio, unit: "validation / training", threshold: limits.0),
      Measure("constant_loss", constant),
      Measure("gap", gap, unit: "of the constant's loss", threshold: limits.2),
    ]
    if let best = best(exam) {
      message += """
         In the history the validation loss was lowest at value \(best.index), \
        \(Wording.number(best.value)), and ended at \(Wording.number(best.last)).
        """
      evidence.append(Measure("best_value_of_history", best.index))
    }
    return Finding(
      Self.self, isError ? .error : .warning, at: Place(.run, "validation"), message,
      evidence: evidence, tensors: exam.run.losses.map(\.prediction))
  }

  /// Where the recorded validation loss was lowest, if it has risen by a tenth since.
  private func best(_ exam: Examination) -> (index: Int, value: Double, last: Double)? {
    guard let series = exam.series["validation_loss"] ?? exam.series["val_loss"],
      let value = series.filter(\.isFinite).min(), let index = series.firstIndex(of: value),
      let last = series.last, last > 1.1 * value
    else { return nil }
    return (index, value, last)
  }
}

extension Overfitting {
  /// y = x fits the training data; the validation targets are as given.
  private static func network(
    _ net: inout RunBuilder, validation: [Float]?, epochs: Int = 5
  ) {
    net.input([[1], [2], [3], [4]])
    net.dense("fc", [[1]])
    net.loss("mse", shape: [4, 1], [1.1, 1.9, 3.1, 3.9])
    net.training["epochs"] = .int(epochs)
    if let validation {
      net.validation("x", shape: [4, 1], [1, 2, 3, 4])
      net.validation("y", shape: [4, 1], validation)
    }
  }

  private static let examples: [Example] = [
    .fires("validation targets that are not met", at: ["validation"]) {
      network(&$0, validation: [3, 1, 4, 2])
    },
    .fires("a classifier sure of the wrong class", at: ["validation"]) { net in
      net.input([[1], [-1], [2], [-2]])
      net.dense("fc", [[2], [-2]])
      net.loss("cross-entropy", shape: [4], [0, 1, 0, 1])
      net.training["epochs"] = .int(5)
      net.validation("x", shape: [4, 1], [1, -1, 2, -2])
      net.validation("y", shape: [4], [1, 1, 0, 0])
    },
    .silent("the same on both") { network(&$0, validation: [0.9, 2.1, 2.9, 4.1]) },
    .silent("ten times the loss, but hardly anything of what there is to gain") {
      network(&$0, validation: [1.3, 1.7, 3.3, 3.7])
    },
    .silent("not trained") { network(&$0, validation: [3, 1, 4, 2], epochs: 0) },
    .cannotTell("no validation data") { network(&$0, validation: nil) },
  ]
}
