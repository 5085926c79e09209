import Operators
import Replay
import Runs

/// Whether a network that is too large for trials of its training gets anywhere at its learning rate: a
/// few updates on one small batch, as an optimizer that works must bring its loss down (Smith, Cyclical
/// Learning Rates, 2017, looks at rates in the same way).
public struct RateProbe: Sendable {
  /// Some updates at one learning rate.
  public struct Attempt: Sendable {
    /// Factor of the learning rate.
    public let rate: Double
    /// The loss of the batch after each update, as a share of the loss that it began with.
    public let losses: [Double]
    /// Whether a loss was no longer finite, or a million times the first.
    public let hasDiverged: Bool

    /// The lowest share; infinite when it diverged.
    public var best: Double { hasDiverged ? .infinity : losses.min() ?? .infinity }
    /// The last share; infinite when it diverged.
    public var end: Double { hasDiverged ? .infinity : losses.last ?? .infinity }
  }

  /// Rows of the batch.
  public let rows: Int
  /// Updates of an attempt.
  public let updates: Int
  /// The loss of the batch after the training, as a share of that before it; nil when it was not
  /// trained, or its start is not known.
  public let ended: Double?
  /// The learning rate as it was set.
  public let asSet: Attempt
  /// Lower ones where that runs away, higher ones where it hardly moves, nearest first; fewer of a very
  /// large network.
  public let others: [Attempt]
  /// Whether all rates were tried that could tell; a very large network allows the nearest alone.
  public let isWhole: Bool

  /// Arithmetic of all attempts on as many rows as it allows.
  static let budget = 2e12
  /// Arithmetic of as many attempts as it allows, where that is too little for one row, and how many
  /// there must be.
  static let reserve = 4e12
  static let fewest = 3
  /// Updates of an attempt, and the most rows of its batch.
  static let updates = 10
  static let most = 4
  /// Factors that are tried beside 1.
  static let lower = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
  static let higher = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]
  /// The loss has moved when it changed by more than this share of itself.
  private static let moved = 0.01
  private static let hopeless = 1e6

  /// Probes a run.
  ///
  /// - Parameters:
  ///   - data: rows of the run, in the order of its batches.
  ///   - before: the weights before the training; nil when unknown, and then some are drawn.
  ///   - after: those after it; nil when it was not trained.
  ///   - shape: any weights, for their shapes.
  ///   - effort: factor of the arithmetic that it may take.
  /// - Returns: nil where it cannot be tried, or is too large for that, too.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public init?(
    _ data: TrialData, before: Weights?, after: Weights?, shape: Weights, effort: Double = 1,
    workers: Int = 0, progress: Progress = Progress()
  ) throws(RunError) {
    let run = data.run
    guard let optimizer = run.training.optimizer, optimizer.learningRate > 0, !run.losses.isEmpty,
      run.training.trainMode, data.trained > 1
    else { return nil }
    do throws(RunError) {
      let plan = try Plan(run, rows: 1)
      // A row costs more by itself than in a batch, for what a node costs is counted per batch.
      let work = Workload.operations(run, plan) * Double(Self.updates)
      let attempts = Double(1 + max(Self.lower.count, Self.higher.count))
      let rows = min(Double(Self.most), effort * Self.budget / attempts / work)
      // One row has no statistics of a batch.
      let least = plan.keepsSamples ? 1.0 : 2
      let affordable =
        rows >= least ? attempts : min(attempts, effort * Self.reserve / least / work)
      guard affordable >= Double(Self.fewest) else { return nil }
      self.rows = min(Int(max(rows, least)), data.trained)
      updates = Self.updates
      let probing = Probing(
        data: data, rows: self.rows, plan: plan, before: before, shape: shape, progress: progress)
      let start = try probing.loss(before ?? shape)
      guard start.isFinite, start > 0 else { return nil }
      asSet = try probing.attempt(1)
      ended =
        try before == nil
        ? nil
        : after.map { (weights) throws(RunError) in
          try probing.loss(weights) / start
        }
      let further =
        asSet.end > 1 ? Self.lower : asSet.best > 1 - Self.moved ? Self.higher : []
      let rates = Array(further.prefix(Int(affordable) - 1))
      isWhole = rates.count == further.count
      let pass = RatePass(probing: probing, rates: rates)
      others = try pass.merged(workers: workers, progress: progress) ?? []
    } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }

  /// Whether the rate as it was set takes the loss nowhere, up or down.
  public var isUnmoved: Bool { !asSet.hasDiverged && asSet.losses.allSatisfy(Self.isUnmoved) }

  /// Whether a share of the first loss is as good as 1.
  public static func isUnmoved(_ share: Double) -> Bool { abs(share - 1) <= moved }

  /// What attempts have in common.
  fileprivate struct Probing: Sendable {
    let data: TrialData
    let rows: Int
    let plan: Plan
    let before: Weights?
    let shape: Weights
    let progress: Progress

    func loss(_ weights: Weights) throws(RunError) -> Double {
      let stepper = try Stepper(data.run, from: weights, progress: progress)
      if before == nil { Initialization.draw(into: stepper, plan) }
      return try stepper.gradient(0..<rows)
    }

    func attempt(_ rate: Double) throws(RunError) -> Attempt {
      let changes = Changes().with { $0.rate = rate }
      let stepper = try Stepper(data.run, from: before ?? shape, progress: progress)
      if before == nil { Initialization.draw(into: stepper, plan) }
      var updater = try Updater(stepper, changes)
      let isSum = data.run.losses.contains { !$0.mean }
      let factor = isSum ? Double(data.run.nominalBatch) / Double(rows) : 1
      let start = try stepper.gradient(0..<rows)
      var losses: [Double] = []
      for step in 0..<RateProbe.updates {
        try updater.update(stepper, factor: factor)
        // The gradient of the last weights is not needed, but its loss is that of a training.
        let loss =
          try step + 1 < RateProbe.updates
          ? stepper.gradient(0..<rows) : stepper.loss(0..<rows)
        let share = loss / start
        guard share.isFinite, share < RateProbe.hopeless else {
          return Attempt(rate: rate, losses: losses, hasDiverged: true)
        }
        losses.append(share)
      }
      return Attempt(rate: rate, losses: losses, hasDiverged: false)
    }
  }
}

/// The pass that tries one learning rate per lane.
private struct RatePass: Pass {
  let stage = "trials, rates"
  let probing: RateProbe.Probing
  let rates: [Double]

  var laneCount: Int { rates.count }
  var threadLimit: Int { probing.data.run.affordableTrainings }

  func worker(_ progress: Progress) -> LaneWorker<[RateProbe.Attempt]> {
    LaneWorker { (lane) throws(RunError) in [try probing.attempt(rates[lane])] }
  }

  static func merge(_ all: inout [RateProbe.Attempt], _ next: consuming [RateProbe.Attempt]) {
    all += next
  }
}
