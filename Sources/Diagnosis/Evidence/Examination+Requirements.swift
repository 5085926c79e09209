import Replay
import Runs

// What rules ask for first.
extension Examination {
  /// The value of a rule's threshold: the default, or what the user set.
  public func value(_ threshold: Threshold, of rule: any Rule.Type) -> Double {
    settings["\(rule.info.id).\(threshold.name)"] ?? threshold.value
  }

  /// - Throws: `NotChecked` when values of the replay are not finite: `non-finite` has the finding.
  func requireFinite() throws(NotChecked) {
    guard isFinite else { throw NotChecked("values of the replay are not finite") }
  }

  /// - Throws: `NotChecked` when the run has no loss to take gradients of.
  func requireLoss() throws(NotChecked) {
    try requireLosses()
    try requireFinite()
  }

  /// - Throws: `NotChecked` when there is no loss whose targets could be replayed.
  func requireLosses() throws(NotChecked) {
    guard run.losses.isEmpty else { return }
    throw NotChecked(
      refused.isEmpty
        ? "the run has no loss" : "the loss cannot be computed: invalid-targets says why"
    )
  }

  /// - Throws: `NotChecked` when the replay saw fewer than two samples.
  func requireSamples() throws(NotChecked) {
    guard current.samples >= 2 else {
      throw NotChecked("\(current.samples) sample is too few to compare samples")
    }
  }
}
