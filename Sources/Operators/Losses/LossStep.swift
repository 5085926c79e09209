import Tensors

/// The tensors of one evaluation.
public struct LossStep {
  /// The prediction.
  public let prediction: Tensor
  /// The targets, converted to float32.
  public let target: Tensor
  /// The operand of `LossInfo.weights`: one weight per class, or of the positive event.
  public let weights: Tensor?
  /// The operand of `LossInfo.second`, such as a predicted variance.
  public let second: Tensor?
  /// Factor of the gradients.
  public let scale: Float
  /// Where the gradient of the prediction goes; nil when nobody asks.
  public let gradient: Tensor?
  /// Where the gradient of the second tensor goes; nil when nobody asks.
  public let secondGradient: Tensor?
  /// Whether the gradient is added to what is there, as by the second loss on one output.
  public let adding: Bool
  /// The same for the gradient of the second tensor.
  public let addingSecond: Bool

  /// The tensors of one evaluation.
  public init(
    prediction: Tensor, target: Tensor, weights: Tensor? = nil, second: Tensor? = nil,
    scale: Float = 1, gradient: Tensor? = nil, secondGradient: Tensor? = nil,
    adding: Bool = false, addingSecond: Bool = false
  ) {
    self.prediction = prediction
    self.target = target
    self.weights = weights
    self.second = second
    self.scale = scale
    self.gradient = gradient
    self.secondGradient = secondGradient
    self.adding = adding
    self.addingSecond = addingSecond
  }
}
