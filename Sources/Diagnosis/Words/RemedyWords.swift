import Runs

/// What a remedy speaks of, by the names of the settings in the user's own script.
struct RemedyWords {
  private let terms: Terms

  init(_ run: Run) { terms = Terms(run) }

  /// A remedy with the settings that it is about: `… at a larger learning rate (here: `lr`).`
  func spelled(_ finding: Finding) -> String {
    let names = (Self.settings[finding.rule] ?? []).compactMap(terms.setting)
      .filter { !finding.remedy.contains($0.filter { $0 != "`" }) }
    guard !names.isEmpty, finding.severity > .note, finding.remedy.hasSuffix(".") else {
      return finding.remedy
    }
    return finding.remedy.dropLast() + " (here: \(names.joined(separator: ", ")))."
  }

  /// By rule: the settings that its remedy is about.
  private static let settings: [RuleID: [Terms.Setting]] = [
    .learningRateTooHigh: [.learningRate],
    .learningRateTooLow: [.learningRate],
    .tooFewUpdates: [.updates],
    .oscillatingLoss: [.learningRate, .momentum, .batchSize],
    .divergingLoss: [.learningRate],
    .clippedGradients: [.clipping],
    .explodingGradient: [.clipping, .learningRate],
  ]
}
