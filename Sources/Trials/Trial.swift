import Operators
import Runs

/// A part of a run's training done again on a data, with the run's own optimizer and at most a few
/// things changed: what tells whether a change would have helped.
public struct Trial: Sendable {
  /// What was done.
  public let changes: Changes
  /// Updates done when `losses` were taken: none, then fractions of the steps.
  public let updates: [Int]
  /// Losses on the rows to judge by, relative to the best constant prediction (`Yardstick`).
  public let losses: [Double]
  /// The update at which a loss or a weight was no longer finite, or the loss a million times that
  /// of the constant prediction; nil when all went well.
  public let diverged: Int?

  /// The relative loss at the end; infinite when it diverged.
  public var end: Double { diverged != nil ? .infinity : losses.last ?? .infinity }

  /// The smallest relative loss after at most so many updates.
  public func best(within limit: Int = .max) -> Double {
    zip(updates, losses).filter { $0.0 <= limit && $0.1.isFinite }.map(\.1).min() ?? .infinity
  }

  /// Where the loss is taken, as shares of the steps.
  private static let marks = [0.03125, 0.0625, 0.125, 0.25, 0.5, 0.75, 1]
  private static let hopeless = 1e6
  /// By how much of its norm every parameter is moved at the start, where one batch has but one order.
  private static let nudge = 1e-2
  /// A loss below is as good as none: a fifth of what would be decisive.
  private static let perfect = 0.004
  /// A loss on rows kept aside that has risen twice in a row, and by so much in all, is that of a
  /// network that learns its samples by heart (Prechelt, Early Stopping, 1998).
  private static let risen = 0.05

  private static func marks(_ steps: Int) -> [Int] {
    marks.map { max(1, Int((Double(steps) * $0).rounded())) }
  }

  /// Does the updates, or fewer where those that are left would show nothing new.
  ///
  /// - Parameters:
  ///   - stepper: one on the data's data, with the weights that the changes begins with.
  ///   - screening: updates of a screening, in which the loss is taken more often, so that `cut` gives it.
  ///   - schedule: the learning rate over the updates from the run's start; nil where it stays.
  /// - Throws: `RunError` when the run cannot be replayed or has no optimizer.
  init(
    _ changes: Changes, on data: TrialData, with stepper: Stepper, _ yardstick: Yardstick,
    screening: Int, schedule: Schedule? = nil
  ) throws(RunError) {
    var between = try BetweenBatches(stepper, changes, schedule)
    let batches = max(1, data.trained / data.batch)
    var updates = [0]
    var losses = [yardstick.relative(try stepper.judge(data))]
    var marks = Set(Self.marks(changes.steps) + Self.marks(min(screening, changes.steps))).sorted()[
      ...]
    var diverged: Int?
    var rises = 0
    let factor = Self.gradientFactor(changes, data)
    var random = FixedRandom(seed: 37 + changes.order)
    var turn = Array(0..<batches)
    if changes.order > 0, batches == 1 { stepper.nudge(by: Self.nudge, seed: 41 + changes.order) }
    var batch = 0
    for step in 0..<changes.steps {
      var isFinite = true
      repeat {
        let place = batch % batches
        if changes.order > 0, place == 0 { turn = random.permutation(batches) }
        let start = turn[place] * data.batch
        let loss = try stepper.gradient(
          start..<(start + data.batch), penalized: changes.penalized)
        isFinite = loss.isFinite
        guard isFinite else { break }
        try between.go(after: batch, stepper, factor: factor)
        batch += 1
      } while between.isWaiting
      guard isFinite else {
        diverged = step
        break
      }
      guard marks.first == step + 1 else { continue }
      marks.removeFirst()
      let judged = yardstick.relative(try stepper.judge(data))
      rises = step + 1 > screening && judged > losses[losses.count - 1] ? rises + 1 : 0
      updates.append(step + 1)
      losses.append(judged)
      guard judged < Self.hopeless else {
        diverged = step + 1
        break
      }
      if judged <= Self.perfect { break }
      if data.isHeldOut, rises >= 2, judged - (losses.min() ?? 0) >= Self.risen { break }
    }
    self.init(changes, updates, losses, diverged)
  }

  private init(_ changes: Changes, _ updates: [Int], _ losses: [Double], _ diverged: Int?) {
    self.changes = changes
    self.updates = updates
    self.losses = losses
    self.diverged = diverged
  }

  /// The same as if it had ended after so many updates.
  func cut(to steps: Int) -> Trial {
    let kept = updates.prefix { $0 <= steps }.count
    return Trial(
      changes.with { $0.steps = steps }, Array(updates.prefix(kept)), Array(losses.prefix(kept)),
      // Of a loss that is not finite, the update after those that were done is told.
      diverged.flatMap { $0 < steps || $0 == steps && updates.last == $0 ? $0 : nil })
  }

  /// A summed loss is meant for the run's own batch, which the data may not fill.
  private static func gradientFactor(_ changes: Changes, _ data: TrialData) -> Double {
    guard data.run.losses.contains(where: { !$0.mean }) else { return 1 }
    return changes.averaged
      ? 1 / Double(data.batch) : Double(data.run.nominalBatch) / Double(data.batch)
  }
}
