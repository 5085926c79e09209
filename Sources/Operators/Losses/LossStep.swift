import Tensors

/// The tensors of one evaluation.
public struct LossStep {
  /// A tensor of the model beside the prediction, such as a predicted variance, or further targets.
  public struct Other {
    /// The values.
    public let value: Tensor
    /// Where its gradient goes; nil when nobody asks.
    public let gradient: Tensor?
    /// Whether the gradient is added to what is there.
    public let adding: Bool

    /// A tensor beside the prediction.
    public init(_ value: Tensor, gradient: Tensor? = nil, adding: Bool = false) {
      self.value = value
      self.gradient = gradient
      self.adding = adding
    }
  }

  /// The prediction.
  public let prediction: Tensor
  /// The targets, converted to float32.
  public let target: Tensor
  /// The operand of `LossInfo.weights`: one weight per class, or of the positive event.
  public let weights: Tensor?
  /// The operand of `LossInfo.second`, or what a `GraphLoss` takes beside prediction and target.
  public let others: [Other]
  /// Factor of the gradients.
  public let scale: Float
  /// Where the gradient of the prediction goes; nil when nobody asks.
  public let gradient: Tensor?
  /// Whether the gradient is added to what is there, as by the second loss on one output.
  public let adding: Bool

  /// The tensors of one evaluation.
  public init(
    prediction: Tensor, target: Tensor, weights: Tensor? = nil, others: [Other] = [],
    scale: Float = 1, gradient: Tensor? = nil, adding: Bool = false
  ) {
    self.prediction = prediction
    self.target = target
    self.weights = weights
    self.others = others
    self.scale = scale
    self.gradient = gradient
    self.adding = adding
  }
}
