/// What a layer says of the state that it carries from step to step.
public struct Recurrence: Sendable, Equatable {
  /// Steps of a sequence.
  public let steps: Int
  /// The axis of the first input along which the steps lie.
  public let stepAxis: Int
  /// Values of the state in one direction.
  public let hidden: Int
  /// Whether nothing that the data or the weights do carries the state beyond a bound.
  public let isBounded: Bool

  /// The input that holds the weights of the state.
  public static let weights = 2
  /// The inputs that hold the states before the first step.
  public static let starts = [5, 6]
}

/// How many values share one mean and one scale in a layer that takes both from the values themselves.
public struct NormalizedGroup: Sendable, Equatable {
  /// Values that are normalized together.
  public let values: Int
  /// Whether their mean is taken away, too.
  public let isCentred: Bool
}
