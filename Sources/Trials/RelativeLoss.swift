import Replay
import Runs

/// Where a run stands between the best constant prediction and a perfect one.
public struct RelativeLoss: Sendable {
  /// The losses that are 1 and 0.
  public let yardstick: Yardstick
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
  public func corrected(loss: Double, constant: Double?) -> RelativeLoss {
    guard let constant, constant - yardstick.perfect > 1e-9 * abs(constant) else { return self }
    var other = self
    let share = max(0, (loss - yardstick.perfect) / (constant - yardstick.perfect))
    other.exact = share
    // Only a difference that no choice of rows explains counts.
    if share > 2 * current + 0.5 { other.current = share }
    return other
  }

  /// Where the same run stood at another moment of its training.
  ///
  /// - Parameters:
  ///   - loss: the loss of some samples at that moment.
  ///   - end: that of the same samples after the training.
  public func at(loss: Double, end: Double) -> RelativeLoss {
    var other = self
    let (then, now) = (yardstick.relative(loss), yardstick.relative(end))
    // These samples are not those that `current` was taken on.
    other.current = now.isFinite && current.isFinite ? max(0, current + then - now) : then
    other.exact = nil
    return other
  }

  /// Replays the rows to judge by.
  ///
  /// - Returns: nil when the run has no loss whose best constant prediction is known, or constant
  ///   targets.
  /// - Throws: `RunError` when the run cannot be replayed.
  public init?(
    _ data: TrialData, _ weights: Weights, before: Weights?, progress: Progress = Progress()
  ) throws(RunError) {
    guard
      let yardstick = try Yardstick(try Stepper(data.run, from: weights, progress: progress), data)
    else {
      return nil
    }
    self.yardstick = yardstick
    current = yardstick.relative(
      try Stepper(data.run, from: weights, progress: progress).judge(data))
    initial =
      if let before {
        yardstick.relative(try Stepper(data.run, from: before, progress: progress).judge(data))
      } else {
        nil
      }
    samples = data.judged.count
  }
}
