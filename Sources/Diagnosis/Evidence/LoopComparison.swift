import Trials

/// What playing the training again tells of its loop, in the words of a rule.
struct LoopComparison {
  let trials: LoopTrials
  /// Whether the loop is written by hand in PyTorch, whose names the user knows.
  let isTorch: Bool

  /// From here on the loss of learning is the run's main problem.
  private static let errorGain = TrialComparison.errorGain

  /// - Throws: `NotChecked` when nothing was played.
  init(_ exam: Examination) throws(NotChecked) {
    switch exam.loop {
    case .not(let reason): throw NotChecked(reason)
    case .done(let trials): self.trials = trials
    }
    isTorch = exam.run.provenance["framework"] == "pytorch"
  }

  /// The loop of a kind that the training is nearest to, where its settings do not explain its end.
  func match(_ kind: Loop.Kind) -> LoopTrials.Played? {
    guard let match = trials.match, match.loop.kind == kind else { return nil }
    return match
  }

  /// How bad it is that the training did not do what it was set to.
  func severity(_ cured: LoopTrials.Played) -> Severity {
    min(trials.ended, 1) - cured.end >= Self.errorGain.value ? .error : .warning
  }

  /// "this training ends at 1.54 (1.5 to 1.6 in 3 orders of the rows), as yours did (1.54)".
  func reproduced(_ played: LoopTrials.Played) -> String {
    isWhole
      ? "this training ends at a loss of \(loss(played)), as yours did (\(ended))"
      : "\(part) the losses are those that yours recorded"
  }

  /// "it ends at 0.067".
  var cured: String {
    isWhole ? "it ends at \(loss(trials.asSet))" : "\(part) it comes to \(loss(trials.asSet))"
  }

  /// Whether it was played to the end of the training.
  var isWhole: Bool { trials.updates.played == trials.updates.all }

  private var part: String { "in its first \(trials.updates.played) updates" }

  /// The loss that the training ended with.
  var ended: String { written(trials.ended) }

  /// The loss that a loop ended with, with its spread.
  func loss(_ played: LoopTrials.Played) -> String {
    let text = written(played.end)
    guard played.ends.count > 1, let low = played.ends.min(), let high = played.ends.max(),
      written(low) != written(high)
    else { return text }
    return
      "\(text) (\(written(low)) to \(written(high)) in \(played.ends.count) \(varied))"
  }

  /// What plays of one loop differ in.
  private var varied: String { trials.isShuffled ? "orders of the rows" : "plays" }

  private func written(_ relative: Double) -> String {
    guard relative.isFinite else { return "no finite number" }
    return Wording.rounded(trials.yardstick.loss(relative))
  }

  /// The numbers behind a finding.
  func evidence(_ played: LoopTrials.Played?) -> [Measure] {
    let unit = "of the best constant prediction's loss"
    var result = [
      Measure("relative_loss", trials.ended, unit: unit),
      Measure("as_set", .numbers(trials.asSet.ends), unit: unit),
      Measure("distance_as_set", trials.asSet.distance, unit: "standard deviations"),
      Measure("updates", trials.updates.all), Measure("played", trials.updates.played),
    ]
    if let played {
      result += [
        Measure("loop", .string(played.loop.text)),
        Measure("with_loop", .numbers(played.ends), unit: unit),
        Measure("distance", played.distance, unit: "standard deviations"),
      ]
    }
    return result
  }

  /// A finding that a loop reproduces the end, or that a setting is what holds the training back.
  ///
  /// - Parameter cured: the training without the fault; nil for the one as it was set.
  func finding(
    _ rule: any Rule.Type, _ played: LoopTrials.Played, cured: LoopTrials.Played? = nil,
    at place: Place = Place(.run, "training"), _ message: String, remedy: String
  ) -> Finding {
    let cured = cured ?? trials.asSet
    return Finding(
      rule, severity(cured), at: place, message, evidence: evidence(played),
      remedy: remedy, remaining: cured.end, facts: Facts(reproducesEnd: true))
  }
}

extension Loop {
  /// What it does, for sentences: "with gradients that are never cleared".
  var text: String {
    switch self {
    case .asSet: "as it is set"
    case .accumulated(nil): "with gradients that are never cleared"
    case .accumulated(let batches?): "with gradients cleared only every \(batches) batches"
    case .averaged(let batches): "with one update for every \(batches) batches"
    case .clipped(let norm): "with gradients clipped to a norm of \(Wording.rounded(norm))"
    case .clippedElements(let bound):
      "with every element of the gradients clipped to \(Wording.rounded(bound))"
    case .scaled(let factor) where factor < 0: "with steps up the gradient instead of down"
    case .scaled(let factor) where factor < 1:
      "with gradients divided by \(Wording.rounded(1 / factor))"
    case .scaled(let factor): "with gradients multiplied by \(Wording.rounded(factor))"
    case .faster(let factor): "at \(Wording.times(factor)) times the learning rate"
    case .decayed(let decay): "with \(decay.text)"
    case .unshuffled: "with the rows in the same order in every epoch"
    case .unscheduled: "with the first learning rate throughout"
    case .unclipped: "without clipping"
    case .partial: "with steps of those parameters alone that yours moved"
    case .thawed: "with the frozen parameters trained"
    case .unstopped: "with nothing that stops gradients"
    case .complete: "with all trainable parameters in the optimizer"
    }
  }
}

extension Loop.Decay {
  var text: String {
    switch self {
    case .exponential(let share):
      "a learning rate that is down to a tenth after \(Wording.percent(min(1, share * 2.3))) of the updates"
    case .linear: "a learning rate that falls evenly to nothing"
    case .cosine: "a learning rate that falls along a cosine to nothing"
    case .warmUp(let share):
      "a learning rate that rises for \(Wording.percent(share)) of the updates"
    case .down(let share): "a learning rate that falls to \(Wording.percent(share)) of the first"
    }
  }
}
