/// What must hold of an effect and a cause, beside their rules and places, for one to explain the other.
struct Condition: Sendable {
  /// Of the effect, the cause and all findings.
  let holds: @Sendable (_ effect: Finding, _ cause: Finding, _ all: [Finding]) -> Bool

  init(_ holds: @escaping @Sendable (Finding, Finding, [Finding]) -> Bool) { self.holds = holds }
}

// Conditions on severity.
extension Condition {
  /// The cause is more than a note.
  static let alarm = Condition { _, cause, _ in cause.isAlarm }
  /// The cause is an error.
  static let error = Condition { _, cause, _ in cause.severity == .error }
  /// The cause is as severe as its effect.
  static let asSevere = Condition { effect, cause, _ in cause.severity >= effect.severity }
  /// The effect is more than a note.
  static let effectIsAlarm = Condition { effect, _, _ in effect.isAlarm }
}

// Conditions on how things came about.
extension Condition {
  /// The cause was handed over with the data, and did not come of the training.
  static let given = Condition { _, cause, _ in cause.chainLink == .fault }
  /// The effect is an outcome of the training.
  static let effectIsOutcome = Condition { effect, _, _ in effect.chainLink == .outcome }
  /// No step of the training changed anything.
  static let nothingMoved = Condition { effect, _, _ in effect.facts.stopsTraining }
  /// The cause kept every step of the training from changing anything.
  static let stopsTraining = Condition { _, cause, _ in cause.facts.stopsTraining }
  /// The training changed other parameters.
  static let othersMoved = Condition { effect, _, _ in !effect.facts.stopsTraining }
  /// The effect was not there before the training.
  static let cameInTraining = Condition { effect, _, _ in !effect.facts.wasThereAtStart }
  /// The effect does not come of biases that were set by hand, which are a cause of their own.
  static let notSetByHand = Condition { effect, _, _ in
    !(effect.facts.wasThereAtStart && effect.facts.isByBias)
  }
}

// Conditions on the learning rate.
extension Condition {
  /// No finding says that the learning rate is too high: where one does, it alone is the cause.
  static let rateNotTooHigh = Condition { _, _, all in
    !all.contains { $0.rule == .learningRateTooHigh && $0.isAlarm }
  }

  /// The cause has a learning rate of zero or less.
  static let noRate = Condition { _, cause, _ in cause.facts.hasNoRate }

  /// Unscaled data, and not the learning rate, is what a finding about the rate comes of: the rate that
  /// would do is absurdly far off, or it does not suffice and scaling gains decisively more.
  static let scalingGainsMore = Condition { effect, cause, _ in
    guard cause.severity >= effect.severity, let scaled = cause.remaining else { return false }
    let factor = effect.facts.rateFactor
    if max(factor, 1 / factor) >= Limits.absurdFactor.value { return true }
    let left = effect.remaining ?? 0
    return left > Limits.thriving.value && scaled <= TrialComparison.left.value * left
  }

  /// From weights of a usual size, the learning rate that was set does about as well as any other.
  static let startExplainsRate = Condition { effect, cause, _ in
    guard cause.severity >= effect.severity, let fresh = cause.remaining else { return false }
    return fresh <= (effect.remaining ?? 0) + TrialComparison.gain.value
  }
}
