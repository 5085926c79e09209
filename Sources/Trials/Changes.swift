/// What a trial does otherwise than the training did.
public struct Changes: Sendable, Hashable {
  /// The weights it begins with.
  public enum Start: Sendable, Hashable {
    /// Those before the training.
    case before
    /// Those after it.
    case after
    /// Drawn anew (`Initialization`).
    case fresh
  }

  /// The weights it begins with.
  public var start = Start.before
  /// Which of several draws of fresh weights.
  public var draw: UInt64 = 0
  /// Factor of the learning rate.
  public var rate = 1.0
  /// Whether the inputs are standardized.
  public var scaledInputs = false
  /// Whether the targets are.
  public var scaledTargets = false
  /// Whether penalties and weight decay are kept.
  public var penalized = true
  /// Whether a summed loss is averaged over the batch.
  public var averaged = false
  /// Whether the optimizer holds all trainable parameters, those that it lacked among them.
  public var complete = false
  /// Updates.
  public var steps = 0
  /// Which of several orders of the batches; 0 for their own.
  public var order: UInt64 = 0

  /// The training as it was set.
  public init() {}

  /// Whether both begin with the same weights, unless drawn anew, and have the same data.
  func sharesStepper(with other: Changes) -> Bool {
    (start == .after) == (other.start == .after) && scaledInputs == other.scaledInputs
      && scaledTargets == other.scaledTargets
  }

  /// The same with some changes.
  public func with(_ change: (inout Changes) -> Void) -> Changes {
    var copy = self
    change(&copy)
    return copy
  }
}
