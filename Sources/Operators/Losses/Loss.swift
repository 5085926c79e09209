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

  /// Holds the second tensor of `LossInfo.second` against the prediction.
  ///
  /// - Throws: `OperatorError.shapes` when the framework would refuse it.
  func checkSecond(_ second: Shape, prediction: Shape) throws(OperatorError)

  /// What reduction "mean" divides by, for the rows of these targets.
  func normalizer(prediction: Shape, target: Tensor, weights: Tensor?) -> Double

  /// The sum of the terms; with a gradient asked for, `scale` times the sum's gradient is written.
  ///
  /// - Throws: `OperatorError.target` when a target is none that the loss knows.
  func evaluate(_ step: LossStep) throws(OperatorError) -> Double
}

extension Loss {
  /// Most losses have no second tensor.
  public func checkSecond(_ second: Shape, prediction: Shape) throws(OperatorError) {}
}

/// How the samples of a batch meet in a loss.
public enum LossCoupling: Sendable, Equatable {
  /// Each term belongs to one sample, and each sample weighs the same.
  case none
  /// Each term belongs to one sample, but the normalizer depends on the targets or on weights.
  case weighted
  /// Terms mix samples, as when (N, 1) broadcasts against (N,).
  case mixed
}
