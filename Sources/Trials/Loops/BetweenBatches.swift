import Runs

/// What a training loop does once the gradient of a batch is there: adds up, clips, sets the learning
/// rate, steps and clears.
struct BetweenBatches {
  private let loop: Loop
  /// Updates of the whole training, that a rate falls over.
  private let total: Int
  private let schedule: Schedule?
  private let firstRate: Double
  private let clip: GradientClip?
  /// Batches for one update.
  private let accumulation: Int
  private var updater: Updater
  /// By slot: gradients that are added up; empty where none are.
  private var held: [[Float]] = []
  private var waiting = 0
  private var updates = 0
  private var norms: [Double] = []
  private var keepsNorms = true

  /// - Parameters:
  ///   - schedule: of the learning rate over all updates.
  ///   - total: how many updates the training had.
  ///   - unmoved: slots that the training did not move.
  /// - Throws: `RunError` when a setting of the optimizer cannot be used.
  init(
    _ loop: Loop, _ stepper: Stepper, _ schedule: Schedule?, total: Int,
    unmoved: Set<Int> = []
  ) throws(RunError) {
    let training = stepper.run.training
    self.loop = loop
    self.total = max(1, total)
    firstRate = training.optimizer?.learningRate ?? 0
    self.schedule = loop == .unscheduled ? nil : schedule
    var (bound, batches) = (training.clip, training.accumulation ?? 1)
    switch loop {
    case .clipped(let norm): bound = .norm(norm)
    case .clippedElements(let value): bound = .value(value)
    case .unclipped: bound = nil
    case .averaged(let several): batches *= several
    default: break
    }
    (clip, accumulation) = (bound, batches)
    updater = try Updater(stepper, Changes().with { $0.complete = loop == .complete })
    if loop == .partial { updater.spared = unmoved }
    if loop.kind == .accumulated || batches > 1 {
      held = stepper.slots.map { [Float](repeating: 0, count: $0.values.count) }
    }
  }

  /// What goes on between the batches of a trial: the loop as it was set, at a rate that may be another.
  ///
  /// - Throws: `RunError` when a setting of the optimizer cannot be used.
  init(_ stepper: Stepper, _ changes: Changes, _ schedule: Schedule?) throws(RunError) {
    let training = stepper.run.training
    (loop, total) = (.asSet, 1)
    firstRate = training.optimizer?.learningRate ?? 0
    // Where a training goes on, its schedule has come to an end.
    self.schedule = changes.start == .after ? nil : schedule
    (clip, accumulation) = (training.clip, training.accumulation ?? 1)
    updater = try Updater(stepper, changes)
    if accumulation > 1 {
      held = stepper.slots.map { [Float](repeating: 0, count: $0.values.count) }
    }
    keepsNorms = false
  }

  /// Whether more batches must come before the next update.
  var isWaiting: Bool { waiting > 0 }

  /// Does it with the gradient that the stepper holds, times a factor.
  mutating func go(
    after batch: Int, _ stepper: Stepper, factor own: Double = 1
  ) throws(RunError) {
    for slot in held.indices {
      let gradient = stepper.gradient(of: slot)
      for i in gradient.indices {
        held[slot][i] += gradient[i]
        gradient[i] = held[slot][i]
      }
    }
    waiting += 1
    guard waiting >= accumulation else { return }
    waiting = 0
    var share = own / Double(accumulation)
    if case .scaled(let factor) = loop { share *= factor }
    if keepsNorms, updates < 64 || updates.isMultiple(of: 16) {
      norms.append(stepper.gradientNorm * share)
    }
    let factor = clip.map { $0.cut(stepper, share) } ?? share
    if schedule != nil || loop.kind == .decayed || loop.kind == .faster { updater.scaleRates(rate) }
    try updater.update(stepper, factor: factor)
    updates += 1
    switch loop {
    case .accumulated(nil): break
    case .accumulated(let every?) where !(batch + 1).isMultiple(of: every): break
    default: clear()
    }
  }

  /// The share of the first learning rate that the next update has.
  private var rate: Double {
    if case .decayed(let decay) = loop {
      return max(0, decay.share(at: Double(updates) / Double(total)))
    }
    if case .faster(let factor) = loop { return factor }
    guard let schedule, firstRate > 0 else { return 1 }
    return schedule.rate(at: updates) / firstRate
  }

  private mutating func clear() {
    for slot in held.indices {
      for i in held[slot].indices { held[slot][i] = 0 }
    }
  }

  /// The median norm of all gradients together, before they are cut.
  var medianNorm: Double {
    let sorted = norms.filter(\.isFinite).sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }
}
