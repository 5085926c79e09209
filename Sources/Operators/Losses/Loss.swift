import Tensors

/// A loss with its settings read. One file per loss.
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

  /// What this loss takes its prediction for; that of the info unless a setting changes it.
  var head: LossInfo.Head { get }

  /// What of its targets the best constant prediction depends on.
  var constants: LossConstants { get }

  /// Holds the two shapes against each other.
  ///
  /// - Throws: `OperatorError.shapes` when the framework would refuse them.
  func coupling(prediction: Shape, target: Shape) throws(OperatorError) -> LossCoupling

  /// The same with what the loss takes beside them: the operand of `LossInfo.second`, or the others of
  /// a `GraphLoss`.
  ///
  /// - Throws: `OperatorError.shapes` when the framework would refuse them.
  func coupling(
    prediction: Shape, target: Shape, others: [Shape]
  ) throws(OperatorError) -> LossCoupling

  /// What reduction "mean" divides by, for the rows of these targets.
  func normalizer(prediction: Shape, target: Tensor, weights: Tensor?) -> Double

  /// The sum of the terms; with a gradient asked for, `scale` times the sum's gradient is written.
  ///
  /// - Throws: `OperatorError.target` when a target is none that the loss knows.
  func evaluate(_ step: LossStep) throws(OperatorError) -> Double
}

extension Loss {
  /// The one of the info.
  public var head: LossInfo.Head { Self.info.head }

  /// The targets as they are.
  public var constants: LossConstants { LossConstants() }

  /// Most losses take nothing else.
  public func coupling(
    prediction: Shape, target: Shape, others: [Shape]
  ) throws(OperatorError) -> LossCoupling {
    try coupling(prediction: prediction, target: target)
  }
}

/// How a loss reads its targets, as far as its best constant prediction depends on that.
public struct LossConstants: Sendable, Equatable {
  /// Targets of this class do not count.
  public var ignoredClass: Int?
  /// The share of a target that is spread over all classes, or over both events.
  public var smoothing = 0.0
  /// Whether targets are logarithms of probabilities.
  public var logarithms = false

  /// Targets as they are.
  public init(ignoredClass: Int? = nil, smoothing: Double = 0, logarithms: Bool = false) {
    self.ignoredClass = ignoredClass
    self.smoothing = smoothing
    self.logarithms = logarithms
  }
}

/// How the samples of a batch meet in a loss.
public enum LossCoupling: Sendable, Equatable {
  /// Each term belongs to one sample, and each sample weighs the same.
  case none
  /// Each term belongs to one sample, but the normalizer depends on the targets or on weights.
  case weighted
  /// Terms mix samples, as when (N, 1) broadcasts against (N,).
  case mixed
  /// The loss is one number of the whole batch, as a root of a mean is: no part of the batch has a loss
  /// that adds up to it.
  case whole
}
