import Operators
import Replay
import Runs
import Trials

extension Examination {
  /// A run that ends below this share of the best constant prediction's loss has learned nearly all …
  static let learned = 0.1
  /// … and one below this share, all that matters.
  static let mastered = 0.03

  /// A validation loss below this share is that of a fit that holds.
  static let unheld = 0.3
  /// Up to this share, what is left may be what nobody could learn.
  static let fair = 0.5

  /// Whether what was learned does not hold: the validation loss is about that of a constant, or
  /// several times the training's and well above what a fit leaves; and not because the validation
  /// data are made unlike the others.
  private var failsValidation: Bool {
    guard let held = validationRelativeLoss, held > Self.unheld else { return false }
    guard held >= 0.9 || held > 3 * (relativeLoss?.current ?? 0) else { return false }
    let skew = (try? TrainValidationSkew().check(self)) ?? []
    return !skew.contains { $0.severity > .note }
  }

  /// Findings as severe as their consequences: what only keeps a training from learning is no error
  /// where it learned.
  func weigh(_ findings: [Finding], _ info: RuleInfo) -> [Finding] {
    guard info.harmsLearning, isTrained != false, let relativeLoss, isFinite, !failsValidation
    else {
      return findings
    }
    let left = Wording.percent(relativeLoss.current)
    let excuse: String
    if relativeLoss.current <= Self.learned {
      excuse =
        " The training learned all the same: it left \(left) of the loss of the best constant "
        + "prediction."
    } else if relativeLoss.current <= Self.fair, !Self.structural.contains(info.id), isAttained {
      excuse =
        " The training left \(left) of the loss of the best constant prediction, and no "
        + "trial does decisively better."
    } else {
      return findings
    }
    return findings.map { finding in
      guard finding.severity > .note else { return finding }
      var milder = finding
      milder.severity = relativeLoss.current <= Self.mastered ? .note : finding.severity.milder
      milder.message += excuse
      return milder
    }
  }

  /// Faults of the network itself, which no trial mends.
  private static let structural = [MissingNonlinearity.info.id, HiddenSoftmax.info.id]

  /// Whether no trial does decisively better than the training did.
  private var isAttained: Bool {
    guard let comparison = try? TrialComparison(self, for: LearningRateTooLow.self),
      comparison.isTrained
    else { return false }
    return !comparison.trials.all.contains { comparison.wins($0.best(), over: comparison.ended) }
  }
}
