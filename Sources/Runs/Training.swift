import Operators

/// The settings of the training, as far as the run tells them.
public struct Training: Sendable, Equatable {
  /// Whether layers that differ behave as in training.
  public var trainMode = true
  /// The optimizer.
  public var optimizer: OptimizerSettings?
  /// Samples in a batch.
  public var batchSize: Int?
  /// Passes over the data.
  public var epochs: Int?
  /// Updates in all.
  public var steps: Int?
  /// Whether the data was shuffled every epoch.
  public var shuffle: Bool?
  /// The type in which the training computed: `float32`, `float16` or `bfloat16`.
  public var precision = "float32"
  /// What gradients are cut to before an update; nil when they are not, or nobody said.
  public var clip: GradientClip?
  /// Batches whose gradients are averaged into one update; nil when nobody said, which means 1.
  public var accumulation: Int?
  /// Penalties on parameters.
  public var regularization: [Penalty] = []

  /// No settings at all.
  public init() {}

  /// `l1·Σ|w| + l2·Σw²` of one parameter.
  public struct Penalty: Sendable, Equatable {
    /// The parameter's name.
    public let parameter: String
    /// Factor of the absolute values.
    public let l1: Double
    /// Factor of the squares.
    public let l2: Double
  }
}

/// An optimizer with its settings; a setting that the run does not give is nil.
public struct OptimizerSettings: Sendable, Equatable {
  /// One of `kinds`.
  public var kind: String
  /// The step size.
  public var learningRate: Double
  /// Every other number, by its key in run.json; flags are 0 or 1.
  public var numbers: [String: Double]
  /// The decay rates of the two moments.
  public var betas: [Double]?
  /// Groups of parameters with settings of their own.
  public var groups: [Group]
  /// Names of trainable parameters that the optimizer does not hold: no step moves them.
  public var missing: [String] = []
  /// Where a schedule has brought the learning rate since; nil where it is still the first.
  public var currentLearningRate: Double?
  /// How the learning rate changed over the updates; nil where it did not, or nobody said.
  public var schedule: Schedule?

  /// The kinds that run.json may name.
  public static let kinds = OptimizerRegistry.all.map { $0.info.kind }
  /// The numbers that run.json may give beside the learning rate.
  public static let numberKeys = [
    "momentum", "dampening", "weight_decay", "eps", "alpha", "initial_accumulator", "lr_decay",
  ]
  /// The flags that run.json may give.
  public static let flagKeys = [
    "nesterov", "amsgrad", "centered", "epsilon_inside", "epsilon_hat", "decoupled",
  ]

  /// Parameters with settings of their own.
  public struct Group: Sendable, Equatable {
    /// Their names.
    public let parameters: [String]
    /// The settings that differ, `learning_rate` among them.
    public let numbers: [String: Double]
  }

  /// Every number that holds for a parameter, the learning rate and both betas among them: those of
  /// its group over those of all.
  public func numbers(for parameter: String) -> [String: Double] {
    var result = numbers
    result["learning_rate"] = learningRate
    if let betas, betas.count == 2 { (result["beta1"], result["beta2"]) = (betas[0], betas[1]) }
    for group in groups where group.parameters.contains(parameter) {
      result.merge(group.numbers) { $1 }
    }
    if missing.contains(parameter) { result["learning_rate"] = 0 }
    return result
  }

  /// The update rule of a parameter.
  ///
  /// - Throws: `OperatorError` when a setting is unknown to the kind, or wrong.
  public func optimizer(for parameter: String) throws(OperatorError) -> any Optimizer {
    try OptimizerRegistry.make(kind, numbers: numbers(for: parameter))
  }
}
