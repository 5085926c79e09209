import Replay
import Runs
import Trials

/// What a rule could not be checked without, and how to hand it over.
struct Lack {
  private let exam: Examination
  private let terms: Terms

  init(_ exam: Examination) { (self.exam, terms) = (exam, Terms(exam.run)) }

  /// What can be handed over, each under the reasons that rules and trials give for it.
  enum Missing: CaseIterable {
    case loss, optimizer, start, history, startOrHistory, validation, mode

    static func of(_ reason: String) -> Missing? {
      switch reason {
      case "the run has no loss": .loss
      case "the run does not say how it was optimized",
        "the run does not say which optimizer it was trained with":
        .optimizer
      case "the weights before the training are not known",
        "the weights before the training were not exported":
        .start
      case "the run has no history of its loss": .history
      case let reason where reason.hasPrefix("neither the weights before the training nor"):
        .startOrHistory
      case "the run has no validation data": .validation
      case let reason where reason.hasPrefix("the run was exported in evaluation mode"): .mode
      default: nil
      }
    }
  }

  /// A reason with what to hand over, as an argument of `defib.export` and `defib.check`.
  func told(_ reason: String) -> String {
    if reason == Self.noYardstick {
      return isConstant ? "the targets are constant" : "the loss has no best constant prediction"
    }
    guard let missing = Missing.of(reason) else { return reason }
    return "\(fact(missing, reason)) (hand over \(argument(missing)))"
  }

  /// The reason of trials, which do not look at targets by themselves.
  static let noYardstick =
    "the targets are constant, or the loss has no known best constant prediction"

  /// One sentence for one fact, so that rules without it stand together.
  private func fact(_ missing: Missing, _ reason: String) -> String {
    switch missing {
    case .start: "the weights before the training are not known"
    case .optimizer: "the run does not say how it was optimized"
    default: reason
    }
  }

  private func argument(_ missing: Missing) -> String {
    switch missing {
    case .loss: "loss= and y"
    case .optimizer: "optimizer="
    case .start: "initial=, \(start)"
    case .history: "history=, \(history)"
    case .startOrHistory: "initial= or history="
    case .validation: "validation=(x, y)"
    case .mode: "mode=\"train\""
    }
  }

  private var start: String {
    switch terms.framework {
    case .torch: "a copy of model.state_dict() from then"
    case .keras: "model.get_weights() from then"
    case .sklearn: "the arrays from then in a list"
    case .numpy: "the arrays from then"
    }
  }

  private var history: String {
    switch terms.framework {
    case .keras: "what fit() returned"
    case .sklearn: "as loss_curve_ has it"
    case .torch, .numpy: "the losses in a list, or a log: trainer_state.json, TensorBoard or CSV"
    }
  }

  private var isConstant: Bool {
    let targets = exam.run.losses.compactMap { exam.data.arrays[$0.target]?.columns }
    return !targets.isEmpty
      && targets.allSatisfy { columns in
        (0..<columns.units).allSatisfy { columns.minimum[$0] == columns.maximum[$0] }
      }
  }
}

// Why something was not measured, where that may have several reasons.
extension Examination {
  /// Why no feature was changed to see what the predictions do.
  var withoutSensitivity: NotChecked {
    let (features, most) = (featurePlaces.count, Sensitivity.widthLimit)
    if run.losses.isEmpty { return NotChecked("the run has no loss") }
    if features > most {
      return NotChecked("\(features) features, and up to \(most) are looked at one by one")
    }
    if run.samples < 2 { return tooFew }
    return NotChecked(
      isFinite ? "no feature moves the predictions" : "values of the replay are not finite")
  }

  /// Why samples were not compared with each other.
  var withoutDuplicates: NotChecked {
    if run.graph.inputs.isEmpty { return NotChecked("the run has no inputs") }
    return run.samples < 2 ? tooFew : NotChecked("\(run.samples) samples are too many to compare")
  }

  /// Why the columns of an input were not correlated.
  func withoutCorrelation(_ input: String) -> String {
    let columns = data.arrays[input]?.columns
    if columns?.nonFinite.contains(where: { $0 > 0 }) ?? false {
      return "input \(input) has values that are not finite"
    }
    return run.samples == 0
      ? "input \(input) has no rows"
      : "input \(input) has more than \(CorrelationPass.columnLimit) columns"
  }

  /// Why simple predictors were not fitted.
  var withoutBaselines: NotChecked {
    let names = run.graph.inputs.map { run.graph.tensors[$0] } + run.losses.map(\.target)
    let bad = names.first { name in
      data.arrays[name]?.columns.nonFinite.contains { $0 > 0 } ?? false
    }
    if let bad { return NotChecked("\(bad) has values that are not finite") }
    return NotChecked(Lack(self).told(Lack.noYardstick))
  }

  private var tooFew: NotChecked {
    NotChecked("\(run.samples) sample is too few to compare samples")
  }
}
