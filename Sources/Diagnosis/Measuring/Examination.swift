import Npy
import Replay
import Runs
import Trials

/// Everything that was measured of a run, as the rules see it: stored data, which calls nobody. What is
/// read off it stands in `Evidence/`.
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
  public internal(set) var series: [String: [Double]]
  /// The replay at the weights after the training.
  public internal(set) var current: ReplayVitals
  /// The replay at the weights before it, when they were exported.
  public let initial: ReplayVitals?
  /// The weights after the training.
  public internal(set) var weights: Weights
  /// The weights before it, when they were exported.
  public let initialWeights: Weights?
  /// The weights before the training, be it that they were exported or that there was none; nil
  /// when nobody knows them.
  public let startWeights: Weights?
  /// Whether the training has changed any parameter; nil when nothing tells.
  public let isTrained: Bool?
  /// Whether every value of the replay is finite, or is −infinity that a mask put there.
  public internal(set) var isFinite: Bool
  /// The one or two snapshots whose replay is finite, the start first.
  var snapshots: [Snapshot]
  /// Where the run stands between the best constant prediction and a perfect one; nil when that
  /// cannot be told.
  public internal(set) var relativeLoss: RelativeLoss?
  /// Short trainings from the run's start, with and without changes, or why there are none.
  public internal(set) var trials = TrialOutcome.not("they are not done yet")
  /// A few updates on one batch, of a network that is too large for trials; nil for others, and for what
  /// is too large for that.
  public internal(set) var rateProbe: RateProbe?
  /// The training played again as it was set, and with faults of its loop, or why it was not.
  public internal(set) var loop = LoopOutcome.not("it is not played yet")
  /// What simple means tell of the data.
  public let survey: Survey
  /// By loss: what its residuals could be told from; nil where that cannot be measured, and empty where
  /// too little is left to look.
  public internal(set) var capacity: [Capacity?] = []
  /// What padding at the end of sequences does; one per input that ends in some.
  public internal(set) var padding: [PaddingProbe] = []
  /// How the states of recurrent layers grow from step to step, at the weights after the training, or
  /// before it where those are not finite.
  public internal(set) var growth: [StateGrowth] = []
  /// A training that ran away, tried again with bounded states; nil where there was no reason to try.
  public internal(set) var boundedTrial: BoundedTrial?
  /// Inputs whose steps can be shuffled without any change of what the network says.
  public internal(set) var orders: [OrderProbe] = []
  /// The last layer fitted again; nil where that cannot be done, or too little of the loss is left.
  public internal(set) var headRefit: HeadRefit?
  /// The training tried with the narrowest layer widened; nil where none is narrow, or too little is
  /// left.
  public internal(set) var widening: WideningTrial?
  /// What the network calls the classes of the validation data; nil where it does better than a constant there.
  public internal(set) var classOrder: ClassOrder?
  /// By loss: where one that a script wrote itself leads; nil for others, and where it cannot be measured.
  public internal(set) var directions: [LossDirection?] = []
  /// Whether inputs and targets belong together; nil where the validation data does not ask for it.
  public internal(set) var pairing: Pairing?
  /// By loss on several columns of values: what was learned of each column.
  public internal(set) var outputs: [OutputShares] = []
  /// What other losses say of the predictions, where the recorded loss is not the replayed one.
  public internal(set) var readings = Readings()
  /// Whether it is of another moment than the end of the training.
  public internal(set) var isMoment = false
  /// The network beside simple predictors on the same rows, or why there is no match.
  public internal(set) var baselineMatch = BaselineOutcome.not("there was no training")
  /// The loss of all rows by the running statistics of the batch normalizations; nil where there are
  /// none, or nothing was trained.
  public internal(set) var evaluatedLoss: Double?
  /// By tensor of a trainable parameter that is cut off from the losses: the norm of the gradient that
  /// it would get if nothing stopped it.
  public internal(set) var unstopped: [Int: Double] = [:]
  /// The network along the training; nil for a run without snapshots.
  public internal(set) var timeline: Timeline?
  /// Predictions beside their targets, for the report to draw.
  public internal(set) var fits: [Plots.Fit] = []
  /// What the user set, by `rule.threshold`.
  let settings: [String: Double]

  /// What other losses say of the predictions before and after the training.
  public struct Readings: Sendable {
    /// Before it; nil when the weights of then are not known, or nobody asked.
    public var start: LossReadings?
    /// After it; nil when nobody asked.
    public var end: LossReadings?
  }

  /// What was measured of the validation data.
  public struct Validation: Sendable {
    /// The data itself.
    public let data: DataVitals
    /// What the best constant prediction loses there; nil where that is not known.
    public let constantLoss: Double?
    /// The replay on it, forward only, at the weights after the training; nil when that failed.
    public let replay: ReplayVitals?
    /// Whether every value of that replay is finite.
    public let isFinite: Bool
    /// Why it failed.
    public let problem: String?
  }

  /// The replay at one of the two snapshots of a run's weights.
  struct Snapshot {
    /// When the weights were taken.
    enum When { case start, end, handedOver }

    let vitals: ReplayVitals
    let weights: Weights
    let when: When
  }
}
