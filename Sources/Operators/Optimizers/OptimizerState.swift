/// What an optimizer keeps of one parameter between updates.
public struct OptimizerState: Sendable, Equatable {
  /// How many updates there were.
  public internal(set) var updates = 0
  /// The numbers kept a weight: all first ones, then all second ones, and so on.
  public internal(set) var values: [Float]

  /// How many weights it belongs to.
  public let count: Int

  init(count: Int, initial: [Float]) {
    self.count = max(0, count)
    values = initial.flatMap { [Float](repeating: $0, count: max(0, count)) }
  }
}
