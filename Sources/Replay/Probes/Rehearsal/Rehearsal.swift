import Operators

/// A part of a run's training done again on a stage, with the run's own optimizer and at most a few
/// things changed: what tells whether a change would have helped.
public struct Rehearsal: Sendable {
  /// What is done.
  public struct Script: Sendable, Hashable {
    /// The weights it begins with.
    public enum Start: Sendable, Hashable {
      /// Those before the training.
      case before
      /// Those after it.
      case after
      /// Drawn anew (`FreshStart`).
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

    /// The training as it was set.
    public init() {}

    /// Whether both begin with the same weights, unless drawn anew, and have the same data.
    func sharesStepper(with other: Script) -> Bool {
      (start == .after) == (other.start == .after) && scaledInputs == other.scaledInputs
        && scaledTargets == other.scaledTargets
    }

    /// The same with some changes.
    public func with(_ change: (inout Script) -> Void) -> Script {
      var copy = self
      change(&copy)
      return copy
    }
  }

  /// What was done.
  public let script: Script
  /// Updates done when `losses` were taken: none, then fractions of the steps.
  public let updates: [Int]
  /// Losses on the rows to judge by, relative to the best constant prediction (`LossRange`).
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
  ///   - stepper: one on the stage's data, with the weights that the script begins with.
  ///   - look: updates of a first look, in which the loss is taken more often, so that `cut` gives it.
  /// - Throws: `ReplayError` when the run cannot be replayed or has no optimizer.
  init(
    _ script: Script, on stage: Stage, with stepper: Stepper, _ range: LossRange, look: Int
  ) throws(ReplayError) {
    var updater = try Updater(stepper, script)
    let batches = max(1, stage.trained / stage.batch)
    var updates = [0]
    var losses = [range.relative(try stepper.judge(stage))]
    var marks = Set(Self.marks(script.steps) + Self.marks(min(look, script.steps))).sorted()[...]
    var diverged: Int?
    var rises = 0
    let factor = Self.gradientFactor(script, stage)
    for step in 0..<script.steps {
      let start = step % batches * stage.batch
      let loss = try stepper.gradient(start..<(start + stage.batch), penalized: script.penalized)
      guard loss.isFinite else {
        diverged = step
        break
      }
      try updater.update(stepper, factor: factor)
      guard marks.first == step + 1 else { continue }
      marks.removeFirst()
      let judged = range.relative(try stepper.judge(stage))
      rises = step + 1 > look && judged > losses[losses.count - 1] ? rises + 1 : 0
      updates.append(step + 1)
      losses.append(judged)
      guard judged < Self.hopeless else {
        diverged = step + 1
        break
      }
      if judged <= Self.perfect { break }
      if stage.isHeldOut, rises >= 2, judged - (losses.min() ?? 0) >= Self.risen { break }
    }
    self.init(script, updates, losses, diverged)
  }

  private init(_ script: Script, _ updates: [Int], _ losses: [Double], _ diverged: Int?) {
    self.script = script
    self.updates = updates
    self.losses = losses
    self.diverged = diverged
  }

  /// The same as if it had ended after so many updates.
  func cut(to steps: Int) -> Rehearsal {
    let kept = updates.prefix { $0 <= steps }.count
    return Rehearsal(
      script.with { $0.steps = steps }, Array(updates.prefix(kept)), Array(losses.prefix(kept)),
      // Of a loss that is not finite, the update after those that were done is told.
      diverged.flatMap { $0 < steps || $0 == steps && updates.last == $0 ? $0 : nil })
  }

  /// A summed loss is meant for the run's own batch, which the stage may not fill.
  private static func gradientFactor(_ script: Script, _ stage: Stage) -> Double {
    guard stage.run.losses.contains(where: { !$0.mean }) else { return 1 }
    return script.averaged
      ? 1 / Double(stage.batch) : Double(stage.run.nominalBatch) / Double(stage.batch)
  }
}

extension Stepper {
  /// The loss on the rows to judge by.
  func judge(_ stage: Stage) throws(ReplayError) -> Double {
    var total = 0.0
    for chunk in stage.chunks {
      total += try dataLoss(chunk) * Double(chunk.count) / Double(stage.judged.count)
    }
    return total
  }
}

/// The optimizer of a run at work on the slots of a stepper.
struct Updater {
  private var optimizers: [any Optimizer] = []
  private var states: [OptimizerState] = []

  /// - Throws: `ReplayError.loss` when a setting of the optimizer is wrong.
  init(_ stepper: Stepper, _ script: Rehearsal.Script) throws(ReplayError) {
    guard var settings = stepper.run.training.optimizer else { return }
    if script.complete { settings.missing = [] }
    if !script.penalized { settings.numbers["weight_decay"] = nil }
    for slot in stepper.slots {
      do throws(OperatorError) {
        var optimizer = try settings.optimizer(for: slot.parameter.name)
        optimizer.learningRate *= script.rate
        optimizers.append(optimizer)
        states.append(optimizer.makeState(count: slot.values.count))
      } catch { throw .loss("training.optimizer", kind: settings.kind, error) }
    }
  }

  /// By slot, what the run's optimizer multiplies gradients by once its averages have settled, from the
  /// second moments over the first batches; nil without an optimizer.
  ///
  /// - Throws: `ReplayError` when the run cannot be replayed.
  static func factors(
    _ stepper: Stepper, _ stage: Stage, updates: Int
  ) throws(ReplayError) -> [[Float]]? {
    let updater = try Updater(stepper, Rehearsal.Script())
    guard updater.optimizers.count == stepper.slots.count else { return nil }
    var squares = stepper.slots.map { [Double](repeating: 0, count: $0.values.count) }
    let batches = max(1, min(momentBatches, stage.trained / stage.batch))
    for index in 0..<batches {
      let start = index * stage.batch
      _ = try stepper.gradient(start..<(start + stage.batch))
      for slot in squares.indices {
        let gradient = stepper.gradient(of: slot)
        for i in gradient.indices {
          squares[slot][i] += Double(gradient[i]) * Double(gradient[i]) / Double(batches)
        }
      }
    }
    return squares.indices.map { slot in
      updater.optimizers[slot].preconditioner(secondMoment: squares[slot], updates: updates)
        .map { Float($0) }
    }
  }

  private static let momentBatches = 8

  /// One update by the gradients of the last batch, times a factor.
  mutating func update(_ stepper: Stepper, factor: Double) throws(ReplayError) {
    for index in 0..<min(stepper.slots.count, optimizers.count) {
      // Not the slot itself: a copy of it counts references.
      let values = stepper.slots[index].values
      let gradient = stepper.gradient(of: index)
      if factor != 1 { for i in gradient.indices { gradient[i] *= Float(factor) } }
      do throws(OperatorError) {
        try optimizers[index].step(
          values, gradient: UnsafeBufferPointer(gradient), state: &states[index])
      } catch { throw .loss("training.optimizer", kind: "update", error) }
    }
  }
}
