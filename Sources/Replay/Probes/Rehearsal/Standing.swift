/// Where a run stands between the best constant prediction and a perfect one.
public struct Standing: Sendable {
  /// The losses that are 1 and 0.
  public let range: LossRange
  /// The relative loss at the weights after the training; infinite when it is not finite.
  public private(set) var current: Double
  /// That at the weights before it; nil when they are not known.
  public let initial: Double?
  /// Samples that it was taken on.
  public let samples: Int
  /// The relative loss over all rows, where their best constant prediction is known exactly.
  public private(set) var exact: Double?

  /// The same with what all rows say. Where a few of them carry the loss, a subsample may miss them.
  ///
  /// - Parameters:
  ///   - loss: the loss of all rows.
  ///   - constant: that of their best constant prediction; nil where it is known only roughly.
  public func corrected(loss: Double, constant: Double?) -> Standing {
    guard let constant, constant - range.perfect > 1e-9 * abs(constant) else { return self }
    var other = self
    let share = max(0, (loss - range.perfect) / (constant - range.perfect))
    other.exact = share
    // Only a difference that no choice of rows explains counts.
    if share > 2 * current + 0.5 { other.current = share }
    return other
  }

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
