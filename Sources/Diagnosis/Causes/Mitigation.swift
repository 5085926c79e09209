import Trials

/// How much milder findings are where the training learned all the same: what does harm only by keeping
/// a training from learning is no error then.
struct Mitigation {
  /// The share of the best constant prediction's loss that the training left; nil where that excuses
  /// nothing.
  let left: Double?
  /// Whether nothing that was tried does decisively better than the training did.
  let isAttained: Bool
  /// What the best prediction without inputs does, in words.
  let constant: String

  /// Faults of the network itself, which no trial mends.
  private static let structural: [RuleID] = [
    .missingNonlinearity, .hiddenSoftmax, .tinyNormalization, .mixedAxes, .paddingDominates,
    .narrowLayer, .orderBlind,
  ]

  /// Slips that nobody means, however well the rest learns.
  private static let unmeant: [RuleID] = [.unregisteredParameters, .mixedAxes]

  init(left: Double?, isAttained: Bool, constant: String = "always predicting the same") {
    self.left = left
    self.isAttained = isAttained
    self.constant = constant
  }

  /// What the measurements of a run excuse.
  init(_ exam: Examination) {
    guard exam.isTrained != false, let relativeLoss = exam.relativeLoss, exam.isFinite,
      !Self.failsValidation(exam)
    else {
      self.init(left: nil, isAttained: false)
      return
    }
    self.init(
      left: relativeLoss.current, isAttained: Self.isAttained(exam),
      constant: exam.constantPrediction)
  }

  /// A finding as severe as its consequences.
  func applied(to finding: Finding) -> Finding {
    guard finding.info?.harmsLearning == true, finding.isAlarm, let left,
      let excuse = excuse(finding, left)
    else { return finding }
    var milder = finding
    milder.severity = left <= Limits.mastered.value ? .note : finding.severity.milder
    if Self.unmeant.contains(finding.rule) { milder.severity = max(milder.severity, .warning) }
    milder.message += excuse
    return milder
  }

  /// A sentence on why a finding is milder; nil where it is not.
  private func excuse(_ finding: Finding, _ left: Double) -> String? {
    let share = Wording.loss(left, of: constant)
    if left <= Limits.learned.value {
      return
        " The training learned all the same: it left \(share)."
    }
    guard left <= Limits.fair.value, isAttained, !Self.structural.contains(finding.rule) else {
      return nil
    }
    return " The training left \(share), and no trial does decisively better."
  }

  /// Whether what was learned does not hold: the validation loss is about that of a constant, or
  /// several times the training's and well above what a fit leaves; and not because the validation
  /// data are made unlike the others, or do not belong together.
  private static func failsValidation(_ exam: Examination) -> Bool {
    guard let held = exam.validationRelativeLoss, held > Limits.unheld.value else { return false }
    guard
      held >= Limits.failed.value
        || held > Limits.failedRatio.value * (exam.relativeLoss?.current ?? 0)
    else { return false }
    // Asked here and not read from the findings, for the user may have left the rule out.
    let made =
      ((try? TrainValidationSkew().check(exam)) ?? [])
      + ((try? UnpairedValidation().check(exam)) ?? [])
    return !made.contains(where: \.isAlarm)
  }

  /// Whether no trial does decisively better than the training did.
  private static func isAttained(_ exam: Examination) -> Bool {
    guard let comparison = try? TrialComparison(exam, for: LearningRateTooLow.self),
      comparison.isTrained
    else { return false }
    if case .done(let loop) = exam.loop,
      loop.explanation == .settings, loop.others.contains(where: { $0.loop.opens && $0.isDecisive })
    {
      return false
    }
    return !comparison.trials.all.contains { comparison.wins($0.best(), over: comparison.ended) }
  }
}
