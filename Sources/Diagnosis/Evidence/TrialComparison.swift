import Trials

/// What trials say about how a training ended: whether some change would have brought it
/// decisively further. All losses are relative: 1 is the best constant prediction, 0 a perfect one.
struct TrialComparison {
  let trials: Trials
  /// The loss that the training ended with; of one that is still to come, the loss to expect.
  let ended: Double
  /// Updates that a trial may take to be compared with the training.
  let within: Int
  /// Whether the training has taken place.
  let isTrained: Bool
  /// The values of `thresholds` for the rule that asks.
  private let limits: (left: Double, gain: Double, errorGain: Double)
  /// What the losses are relative to, in words.
  private let constant: String
  /// Whether all targets are values, not classes.
  private let isRegression: Bool

  /// A change wins when it leaves at most this share of the loss …
  static let left = Threshold(
    "left", 0.5, unit: "of the training's loss", "a change must leave less to be decisive")
  /// … and takes at least this much off, in units of the best constant prediction.
  static let gain = Threshold(
    "gain", 0.05, unit: "of the best constant prediction's loss",
    "a change must take off more to be decisive")
  /// From here on the loss of learning is the run's main problem.
  static let errorGain = Threshold(
    "error-gain", 0.3, unit: "of the best constant prediction's loss",
    "a change that takes off more makes an error")
  /// What every rule that decides by trials lets the user set.
  static let thresholds = [left, gain, errorGain]

  /// - Throws: `NotChecked` when there are no trials.
  init(_ exam: Examination, for rule: any Rule.Type) throws(NotChecked) {
    if case .done(let loop) = exam.loop, loop.explanation == .otherLoop {
      throw NotChecked("the training did something else than its settings say")
    }
    switch exam.trials {
    case .not(let reason): throw NotChecked(reason)
    case .done(let trials): self.init(trials, exam, rule)
    }
  }

  private init(_ trials: Trials, _ exam: Examination, _ rule: any Rule.Type) {
    self.trials = trials
    constant = exam.constantPrediction
    limits = (
      exam.value(Self.left, of: rule), exam.value(Self.gain, of: rule),
      exam.value(Self.errorGain, of: rule)
    )
    var end = exam.isFinite ? trials.end : trials.end.map { _ in Double.infinity }
    // A few rows may carry the loss, and be none of those that are judged.
    if let relativeLoss = exam.relativeLoss, relativeLoss.exact == relativeLoss.current {
      end = end.map { max($0, relativeLoss.current) }
    }
    let trained = end != nil
    isRegression = exam.run.losses.allSatisfy { type(of: $0.loss).info.targets == .values }
    isTrained = trained
    within = max(trained ? trials.trainedSteps ?? .max : .max, 1)
    let asSet = trials.all.last { Self.isAsSet($0.changes, trials) && $0.changes.rate == 1 }
    ended = end ?? asSet.map { $0.diverged != nil ? .infinity : $0.end } ?? .infinity
  }

  private static func isAsSet(_ changes: Changes, _ all: Trials) -> Bool {
    changes.start == (all.knowsStart ? .before : .fresh) && !changes.scaledInputs
      && !changes.scaledTargets && changes.penalized && !changes.averaged && !changes.complete
  }

  /// Trials that change nothing but the learning rate.
  var rates: [Trial] { trials.all.filter { Self.isAsSet($0.changes, trials) } }

  /// The longest trial of the training as it was set.
  var asSet: Trial? { rates.last { $0.changes.rate == 1 } }

  /// Trials that go on after the training.
  var further: [Trial] { trials.all.filter { $0.changes.start == .after } }

  /// Trials from weights drawn anew, on the data as they are.
  var fresh: [Trial] {
    trials.all.filter {
      $0.changes.start == .fresh && !$0.changes.scaledInputs && !$0.changes.scaledTargets
        && $0.changes.penalized && !$0.changes.averaged && !$0.changes.complete
    }
  }

  /// Trials with all trainable parameters in the optimizer.
  var complete: [Trial] { trials.all.filter(\.changes.complete) }

  /// Trials of a summed loss with its mean in its place.
  var averaged: [Trial] { trials.all.filter(\.changes.averaged) }

  /// Trials without penalties and weight decay.
  var unpenalized: [Trial] { trials.all.filter { !$0.changes.penalized } }

  /// The trials from the training's own start with other data.
  func scaled(inputs: Bool, targets: Bool) -> [Trial] {
    trials.all.filter {
      $0.changes.start == (trials.knowsStart ? .before : .fresh)
        && $0.changes.scaledInputs == inputs && $0.changes.scaledTargets == targets
    }
  }

  /// The loss that a trial reached in the updates that the training had, in the worst of the orders of
  /// the batches that it was done in: a change counts only where it wins in all of them.
  func loss(_ trial: Trial) -> Double { losses(trial).max() ?? .infinity }

  /// The losses that it reached, by the order of the batches.
  private func losses(_ trial: Trial) -> [Double] {
    ([trial] + (trials.repeats[trial.changes] ?? [])).map(own)
  }

  private func own(_ trial: Trial) -> Double {
    trial.diverged != nil ? .infinity : trial.best(within: within)
  }

  /// Updates after which it did.
  func updates(_ trial: Trial) -> Int {
    let reached = own(trial)
    return zip(trial.updates, trial.losses).first { $0.1 == reached }?.0
      ?? trial.updates.last ?? 0
  }

  /// The loss that it reached in all its updates: what causes are weighed against each other by, for
  /// the right one may need longer than a training that was cut short.
  func remaining(_ trial: Trial) -> Double {
    let all = [trial] + (trials.repeats[trial.changes] ?? [])
    return all.map { $0.diverged != nil ? .infinity : $0.best() }.max() ?? .infinity
  }

  /// The best of some trials; of equals the one with the learning rate nearest to the run's.
  func best(_ some: [Trial]) -> Trial? {
    some.min { (loss($0), distance($0)) < (loss($1), distance($1)) }
  }

  private func distance(_ trial: Trial) -> Double {
    let rate = trial.changes.rate
    return rate < 1 ? 1 / rate : rate
  }

  /// What a change must be better than: the training, and its own trial. Where that does better
  /// than the training did, something that trials leave out, such as dropout, is at work.
  var reference: Double { min(ended, asSet.map(loss) ?? .infinity) }

  /// The best of some trials, if it is decisively better than the training.
  func winner(_ some: [Trial], over other: Double? = nil) -> Trial? {
    guard let best = best(some), wins(loss(best), over: other ?? reference) else { return nil }
    return best
  }

  /// Whether one loss is decisively better than another.
  func wins(_ loss: Double, over other: Double) -> Bool {
    guard loss.isFinite else { return false }
    let gain = min(other, 1) - loss
    if isRegression, loss <= Limits.fifth.value * other, gain >= Limits.fine.value { return true }
    guard isRegression || other >= Limits.thriving.value else { return false }
    // Worse than any constant, and back to one.
    if other >= Limits.harmful.value, loss <= Limits.harmless.value { return true }
    return loss <= limits.left * other && gain >= limits.gain
      || other >= Limits.nothing.value && gain >= Limits.something.value
  }

  /// How bad it is that a change would have won.
  func severity(_ winner: Trial, over other: Double? = nil) -> Severity {
    let other = other ?? reference
    return other >= Limits.harmful.value || isError(gain: min(other, 1) - loss(winner))
      ? .error : .warning
  }

  /// Whether a change that takes that much off makes an error.
  func isError(gain: Double) -> Bool { gain >= limits.errorGain }

  /// How trials are described once in a message.
  var judges: String {
    let samples =
      trials.isHeldOut ? "\(trials.judged) samples kept aside" : "the \(trials.judged) samples"
    return trials.shrunkBatch.map { "\(samples), in batches of \($0)" } ?? samples
  }

  /// "the training ended at 1.9 times the loss of always predicting the mean".
  func outcome() -> String {
    let verb = isTrained ? "the training ended at" : "the training, as it is set, would end at"
    guard ended.isFinite else {
      return isTrained ? "the training ended without a finite loss" : "the training diverges"
    }
    return "\(verb) \(Wording.loss(ended, of: constant))"
  }

  /// What a trial left, as a share of that loss, with its spread over orders of the batches.
  func left(_ trial: Trial) -> String {
    let texts = losses(trial).sorted().map { Wording.share($0) }
    guard let first = texts.first, let last = texts.last, first != last else {
      return texts.first ?? ""
    }
    return "\(first) to \(last)"
  }

  /// What the first look at many learning rates found, a loss that ran away left out.
  private var curve: [(rate: Double, loss: Double)] {
    rates.filter { $0.diverged == nil && $0.changes.steps == curveUpdates && $0.end.isFinite }
      .map { ($0.changes.rate, $0.end) }.sorted { $0.rate < $1.rate }
  }

  private var curveUpdates: Int { rates.map(\.changes.steps).min() ?? 0 }

  /// The numbers behind a comparison.
  func evidence(_ winner: Trial) -> [Measure] {
    [
      Measure("relative_loss", ended, unit: "of the best constant prediction's loss"),
      Measure("trial_loss", loss(winner), unit: "of the best constant prediction's loss"),
      Measure("trial_losses", .numbers(losses(winner)), unit: "the same, by order of the batches"),
      Measure("trial_updates", updates(winner)),
      Measure("rates", .numbers(curve.map(\.rate)), unit: "times the learning rate"),
      Measure(
        "losses_at_rates", .numbers(curve.map(\.loss)),
        unit: "of the best constant prediction's loss, after \(curveUpdates) updates"),
      Measure("judged_samples", trials.judged),
      Measure("held_out", .bool(trials.isHeldOut)),
    ]
  }
}
