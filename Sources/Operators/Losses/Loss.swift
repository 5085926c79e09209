import Tensors

/// A loss with its settings read. One file a loss.
///
/// A loss is a sum of terms over a batch, divided under reduction "mean" by its normalizer. Both are
/// kept apart, so that a batch may be replayed in pieces.
public protocol Loss: Sendable {
  /// Name, settings, what it expects of head and targets, and the samples of the gradient check.
  static var info: LossInfo { get }

  /// Reads the settings of a loss in run.json.
  ///
  /// - Throws: `OperatorError.attribute` when one has a wrong type or value.
  init(_ settings: Attributes) throws(OperatorError)

  /// Holds the two shapes against each other.
  ///
  /// - Throws: `OperatorError.shapes` when the framework would refuse them.
  func coupling(prediction: Shape, target: Shape) throws(OperatorError) -> LossCoupling

  /// What reduction "mean" divides by, for the rows of these targets.
  func normalizer(prediction: Shape, target: Tensor, classWeights: Tensor?) -> Double

  /// The sum of the terms; with a gradient asked for, `scale` times the sum's gradient is written.
  ///
  /// - Throws: `OperatorError.target` when a target is none that the loss knows.
  func evaluate(_ step: LossStep) throws(OperatorError) -> Double
}

/// How the samples of a batch meet in a loss.
public enum LossCoupling: Sendable, Equatable {
  /// Each term belongs to one sample, and each sample weighs the same.
  case none
  /// Each term belongs to one sample, but the normalizer depends on the targets.
  case weighted
  /// Terms mix samples, as when (N, 1) broadcasts against (N,).
  case mixed
}

/// The tensors of one evaluation.
public struct LossStep {
  /// The prediction.
  public let prediction: Tensor
  /// The targets, converted to float32.
  public let target: Tensor
  /// One weight a class, when the loss has them.
  public let classWeights: Tensor?
  /// Factor of the gradient.
  public let scale: Float
  /// Where the gradient of the prediction goes; nil when nobody asks.
  public let gradient: Tensor?
  /// Whether the gradient is added to what is there, as by the second loss on one output.
  public let adding: Bool

  /// The tensors of one evaluation.
  public init(
    prediction: Tensor, target: Tensor, classWeights: Tensor? = nil, scale: Float = 1,
    gradient: Tensor? = nil, adding: Bool = false
  ) {
    self.prediction = prediction
    self.target = target
    self.classWeights = classWeights
    self.scale = scale
    self.gradient = gradient
    self.adding = adding
  }
}

/// What is fixed about a loss.
public struct LossInfo: Sendable {
  /// The kind in run.json.
  public let kind: String
  /// One sentence for docs/losses.md.
  public let summary: String
  /// The formula of a term.
  public let formula: String
  /// The settings beside `weight` and `reduction`.
  public let settings: [AttributeInfo]
  /// What the head must give.
  public let head: Head
  /// What the targets are.
  public let targets: Targets
  /// What the gradient check runs; at least one.
  public let samples: [LossSample]

  /// What a loss takes its prediction for.
  public enum Head: String, Sendable {
    /// Any number.
    case values
    /// Scores before a softmax or a sigmoid.
    case logits
    /// Probabilities.
    case probabilities
    /// Logarithms of probabilities.
    case logProbabilities = "log-probabilities"
  }

  /// What a loss takes its targets for.
  public enum Targets: String, Sendable {
    /// Any number.
    case values
    /// Class indices, or one probability a class.
    case classes
    /// Probabilities of one event each.
    case probabilities
  }

  /// The facts of a loss.
  public init(
    kind: String, summary: String, formula: String, settings: [AttributeInfo] = [], head: Head,
    targets: Targets, samples: [LossSample]
  ) {
    self.kind = kind
    self.summary = summary
    self.formula = formula
    self.settings = settings
    self.head = head
    self.targets = targets
    self.samples = samples
  }
}

/// One input of the gradient check of losses.
public struct LossSample: Sendable {
  /// Predictions are drawn in this shape from `range`.
  public let prediction: [Int]
  /// The shape of the targets.
  public let target: [Int]
  /// Where predictions are drawn from.
  public let range: ClosedRange<Double>
  /// Targets: drawn from this interval, or whole numbers below `classes` when that is given.
  public let targets: ClosedRange<Double>
  /// The number of classes when the targets are indices.
  public let classes: Int?
  /// The settings.
  public let settings: [String: AttributeValue]
  /// One weight a class.
  public let classWeights: [Double]?
  /// Differences of prediction and target where the derivative jumps.
  public let kinks: [Double]

  /// A sample of those shapes.
  public init(
    _ prediction: [Int], _ target: [Int], range: ClosedRange<Double> = -2...2,
    targets: ClosedRange<Double> = -2...2, classes: Int? = nil,
    settings: [String: AttributeValue] = [:], classWeights: [Double]? = nil, kinks: [Double] = []
  ) {
    self.prediction = prediction
    self.target = target
    self.range = range
    self.targets = targets
    self.classes = classes
    self.settings = settings
    self.classWeights = classWeights
    self.kinks = kinks
  }
}
