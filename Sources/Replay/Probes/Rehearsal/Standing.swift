/// Where a run stands between the best constant prediction and a perfect one.
public struct Standing: Sendable {
  /// The losses that are 1 and 0.
  public let range: LossRange
  /// The relative loss at the weights after the training; infinite when it is not finite.
  public let current: Double
  /// That at the weights before it; nil when they are not known.
  public let initial: Double?
  /// Samples that it was taken on.
  public let samples: Int

  /// Replays the rows to judge by.
  ///
  /// - Returns: nil when the run has no loss whose best constant prediction is known, or constant
  ///   targets.
  /// - Throws: `ReplayError` when the run cannot be replayed.
  public init?(
    _ stage: Stage, _ weights: Weights, before: Weights?, progress: Progress = Progress()
  ) throws(ReplayError) {
    guard
      let range = try LossRange(try Stepper(stage.run, from: weights, progress: progress), stage)
    else {
      return nil
    }
    self.range = range
    current = range.relative(try Stepper(stage.run, from: weights, progress: progress).judge(stage))
    initial =
      if let before {
        range.relative(try Stepper(stage.run, from: before, progress: progress).judge(stage))
      } else {
        nil
      }
    samples = stage.judged.count
  }
}
