import Npy
import Replay
import Runs
import Trials

/// Everything that was measured of a run, as the rules see it.
public struct Examination: Sendable {
  /// The run.
  public let run: Run
  /// Shapes, unit axes and roles of its tensors.
  public let plan: Plan
  /// Which tensors get a gradient.
  public let flow: GradientFlow
  /// The data itself.
  public let data: DataVitals
  /// By input: how its columns vary together; missing where there are too many of them, or values
  /// that are not finite.
  public let correlations: [String: Correlation]
  /// The same for targets of 2 to `CorrelationPass.columnLimit` columns.
  public let targetCorrelations: [String: Correlation]
  /// Losses with targets that they refuse: they are no part of `run`, whose replay leaves them out.
  public let refused: [RefusedTargets]
  /// The validation data, when there is some.
  public let validation: Validation?
  /// Recorded series, by name.
  public let series: [String: [Double]]
  /// The replay at the weights after the training.
  public let current: ReplayVitals
  /// The replay at the weights before it, when they were exported.
  public let initial: ReplayVitals?
  /// The weights after the training.
  public let weights: Weights
  /// The weights before it, when they were exported.
  public let initialWeights: Weights?
  /// Where the run stands between the best constant prediction and a perfect one; nil when that
  /// cannot be told.
  public let relativeLoss: RelativeLoss?
  /// Short trainings from the run's start, with and without changes, or why there are none.
  public internal(set) var trials = TrialOutcome.not("they are not done yet")
  /// What simple means tell of the data.
  public let survey: Survey
  /// By loss: what its residuals could be told from; nil where that cannot be measured, and empty where
  /// too little is left to look.
  public internal(set) var capacity: [Capacity?] = []
  /// What the user set, by `rule.threshold`.
  let settings: [String: Double]

  /// What was measured of the validation data.
  public struct Validation: Sendable {
    /// The data itself.
    public let data: DataVitals
    /// The replay on it, forward only, at the weights after the training; nil when that failed.
    public let replay: ReplayVitals?
    /// Why it failed.
    public let problem: String?
  }

  /// The value of a rule's threshold: the default, or what the user set.
  public func value(_ threshold: Threshold, of rule: any Rule.Type) -> Double {
    settings["\(rule.info.id).\(threshold.name)"] ?? threshold.value
  }

  /// Whether the training has changed any parameter: by the weights before it, else by what the run
  /// says of steps, epochs or history; nil when nothing tells.
  public var isTrained: Bool? { Self.isTrained(run, weights, initialWeights) }

  /// Whether a recorded loss came down by more than chance: the median of its last fifth below nine
  /// tenths of that of its first.
  static func lossFell(_ values: [Double]) -> Bool {
    let part = max(1, values.count / 5)
    guard values.count >= 2, let last = values.last, last.isFinite else { return false }
    let first = LossCurve.median(values.prefix(part))
    return first.isFinite && LossCurve.median(values.suffix(part)) < 0.9 * first
  }

  /// Whether the weights handed over as from before the training are those after it, although the
  /// loss fell: then nobody took a copy, and nothing is known of the start.
  static func isAliased(
    _ run: Run, _ weights: Weights, _ initial: Weights, _ series: [String: [Double]]
  ) -> Bool {
    lossFell(series["loss"] ?? []) && !differ(run, weights, initial)
  }

  private static func differ(_ run: Run, _ weights: Weights, _ initial: Weights) -> Bool {
    run.graph.parameters.contains { parameter in
      parameter.trainable && parameter.initial != nil
        && !weights.values(of: parameter).elementsEqual(initial.values(of: parameter))
    }
  }

  static func isTrained(_ run: Run, _ weights: Weights, _ initial: Weights?) -> Bool? {
    if let initial { return differ(run, weights, initial) }
    if !run.history.isEmpty { return true }
    if let steps = run.training.steps { return steps > 0 }
    if let epochs = run.training.epochs { return epochs > 0 }
    return nil
  }

  /// The values of a parameter after the training.
  public func values(_ parameter: Graph.Parameter) -> UnsafeBufferPointer<Float> {
    weights.values(of: parameter)
  }

  /// The values of a parameter before the training; empty when they were not exported.
  public func initialValues(_ parameter: Graph.Parameter) -> UnsafeBufferPointer<Float> {
    initialWeights?.values(of: parameter) ?? UnsafeBufferPointer(start: nil, count: 0)
  }

  /// Whether every value of the replay is finite, or is −infinity that a mask put there.
  public var isFinite: Bool { Self.isFinite(current, run) }

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
