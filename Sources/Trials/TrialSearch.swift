import Glibc
import Operators
import Replay
import Runs

/// All trials of a run: a short screening at many learning rates, then longer ones of the run's own rate
/// and of the best others.
struct TrialSearch: Sendable {
  let variants: TrialDataVariants
  let plan: Plan
  let before: Weights?
  let after: Weights?
  let fallback: Weights
  let workers: Int
  let progress: Progress
  /// Updates of a full trial.
  let steps: Int
  /// Updates of the training; nil when unknown.
  let trained: Int?
  /// The learning rate over the updates; nil where it stays.
  let schedule: Schedule?

  /// The weights before the training, or fresh ones.
  private var origin: Changes {
    Changes().with { $0.start = before == nil ? .fresh : .before }
  }

  /// Updates of a screening.
  var screening: Int { max(8, steps / Trials.screeningShare) }

  /// The weights that a trial begins with, or that are drawn over.
  func weights(_ start: Changes.Start) -> Weights {
    start == .after ? after ?? fallback : before ?? fallback
  }

  func run(_ scope: TrialScope) throws(RunError) -> Trials {
    let (data, yardstick) = variants.of(origin)
    let beginning = try Stepper(data.run, from: before ?? fallback, progress: progress)
    if before == nil { Initialization.draw(into: beginning, plan) }
    let start = yardstick.relative(try beginning.judge(data))
    let bounds = data.run.training.optimizer?.kind == "sgd"
    var curvature = try bounds ? curvature(beginning, data) : nil
    let families = families(scope, lowest: lowest(curvature, data))
    let screenings = families.flatMap { family in
      family.exponents.map { power in
        family.base.with {
          $0.rate = pow(10, Double(power))
          $0.steps = screening
        }
      }
    }
    // The run's own rate is tried in full in any case: its first part is the screening at it.
    let sure = screenings.filter { $0.rate == 1 }.map { changes in
      changes.with { $0.steps = length(of: changes) }
    }
    let first = try run(screenings.filter { $0.rate != 1 }, "trials, screening")
    let chosen = promoted(families, first).filter { $0.steps > screening && !sure.contains($0) }
    let second = try run(sure + chosen, "trials")
    let screened = screenings.compactMap { changes in
      first.first { $0.changes == changes }
        ?? second.first { $0.changes.with { $0.steps = screening } == changes }?.cut(to: screening)
    }
    let all = screened + second.filter { $0.changes.steps > screening }
    if !bounds, needsCurvature(all) {
      curvature = try self.curvature(beginning, data)
    }
    var end: Double?
    if let after {
      let stepper = try Stepper(data.run, from: after, progress: progress)
      end = yardstick.relative(try stepper.judge(data))
    }
    let full = second.filter { $0.changes.steps > screening }
    let reference = full.filter { $0.changes.with { $0.steps = 0 } == origin }.map { $0.best() }
    let repeats = try again(full, better: min(end ?? .infinity, reference.min() ?? .infinity))
    return Trials(
      steps: steps, judged: data.judged.count, isHeldOut: data.isHeldOut,
      shrunkBatch: data.isShrunk ? data.batch : nil,
      knowsStart: before != nil, trainedSteps: trained, start: start, end: end,
      yardstick: yardstick,
      all: all, repeats: repeats, curvature: curvature)
  }

  /// What is tried at several powers of ten of the learning rate.
  private typealias Family = (base: Changes, exponents: ClosedRange<Int>)

  private func families(_ scope: TrialScope, lowest: Int) -> [Family] {
    var families: [Family] = [(origin, lowest...Trials.exponents.upperBound)]
    for changes in variants.changed {
      families.append((changes.with { $0.start = origin.start }, Trials.changedExponents))
    }
    if before != nil {
      // A small network may be unlucky with one draw.
      let draws = Self.trainable(variants.of(origin).0.run) <= Trials.smallNetwork ? 3 : 1
      for draw in 0..<UInt64(draws) {
        let base = origin.with {
          $0.start = .fresh
          $0.draw = draw
        }
        families.append((base, draw == 0 ? Trials.changedExponents : 0...0))
      }
      if scope.averaged {
        let base = origin.with {
          $0.start = .fresh
          $0.averaged = true
        }
        families.append((base, 0...0))
      }
      if let data = variants.changed.last {
        families.append((data.with { $0.start = .fresh }, Trials.changedExponents))
      }
    }
    if scope.unpenalized { families.append((origin.with { $0.penalized = false }, 0...0)) }
    if scope.complete { families.append((origin.with { $0.complete = true }, 0...0)) }
    if scope.averaged { families.append((origin.with { $0.averaged = true }, 0...0)) }
    if after != nil {
      families.append((origin.with { $0.start = .after }, Trials.furtherExponents))
    }
    return families
  }

  /// The largest curvature at the start.
  private func curvature(_ stepper: Stepper, _ data: TrialData) throws(RunError) -> Curvature? {
    try Curvature.estimate(
      stepper, rows: 0..<min(data.trained, data.isShrunk ? data.batch : data.chunk),
      factors: try Updater.factors(stepper, data, updates: trained ?? steps))
  }

  /// Whether a finding may tell the curvature: where a lower learning rate does better, or a loss is
  /// summed.
  private func needsCurvature(_ all: [Trial]) -> Bool {
    guard variants.of(origin).0.run.losses.allSatisfy(\.mean) else { return true }
    return [origin.start, .after].contains { start in
      let best = { (some: [Trial]) in some.map { $0.best() }.min() ?? .infinity }
      let own = all.filter { $0.changes.start == start }
      return best(own.filter { $0.changes.rate < 1 })
        < 0.9 * best(own.filter { $0.changes.rate == 1 })
    }
  }

  /// Trials that may lead a report, with the batches in other orders: those that leave clearly less than
  /// the training as it was set.
  private func again(
    _ full: [Trial], better reference: Double
  ) throws(RunError) -> [Changes: [Trial]] {
    let limit = min(reference, 1)
    let leading = full.filter { $0.diverged == nil && $0.best() <= limit - Self.gain * limit }
    let plans = leading.flatMap { trial in
      (1..<UInt64(Trials.orders)).map { order in trial.changes.with { $0.order = order } }
    }
    var repeats: [Changes: [Trial]] = [:]
    for trial in try run(plans, "trials, again") {
      repeats[trial.changes.with { $0.order = 0 }, default: []].append(trial)
    }
    return repeats
  }

  /// What a change must take off the loss to be worth other orders: less than any rule asks for.
  private static let gain = 0.2

  /// The learning rates that did best at first sight.
  private func promoted(_ families: [Family], _ screened: [Trial]) -> [Changes] {
    var plans: [Changes] = []
    for family in families {
      let others = screened.filter {
        sameFamily($0.changes, family.base) && $0.changes.rate != 1 && $0.diverged == nil
      }.sorted { ($0.end, $0.changes.rate) < ($1.end, $1.changes.rate) }
      var rates = others.prefix(family.base == origin ? 2 : 1).map(\.changes.rate)
      // A rate beside the best may win in the long run.
      if family.base == origin, let best = rates.first, best > 1 { rates.append(best / 10) }
      for rate in rates {
        var changes = family.base.with { $0.rate = rate }
        changes.steps = length(of: changes)
        if !plans.contains(changes) { plans.append(changes) }
      }
    }
    return plans
  }

  /// Updates of a trial in full. With something changed it is compared with the training after as
  /// many updates as that had; only without a change does what comes later tell something.
  private func length(of changes: Changes) -> Int {
    let unchanged = [origin, origin.with { $0.start = .after }]
    guard after != nil, let trained, !unchanged.contains(changes.with { $0.steps = 0 }) else {
      return steps
    }
    return min(steps, max(screening, trained))
  }

  /// The power of ten of the smallest factor of the learning rate: low enough that plain gradient
  /// descent is stable at the largest curvature.
  private func lowest(_ curvature: Curvature?, _ data: TrialData) -> Int {
    let usual = Trials.exponents.lowerBound
    guard let optimizer = data.run.training.optimizer, optimizer.kind == "sgd",
      let curvature, curvature.largest.isFinite, curvature.largest > 0
    else { return usual }
    let factor = 1 / (optimizer.learningRate * curvature.largest)
    guard factor.isFinite, factor > 0 else { return usual }
    return min(usual, max(Trials.lowestExponent, Int(log10(factor).rounded(.down))))
  }

  private static func trainable(_ run: Run) -> Int {
    run.graph.parameters.reduce(0) { $0 + ($1.trainable ? $1.array.count : 0) }
  }

  private func sameFamily(_ a: Changes, _ b: Changes) -> Bool {
    a.with {
      $0.rate = b.rate
      $0.steps = b.steps
    } == b
  }

  /// Runs trials on all threads, the longest first: one left to the end would keep the others waiting.
  private func run(
    _ plans: [Changes], _ name: String
  ) throws(RunError) -> [Trial] {
    let order = plans.indices.sorted { (-plans[$0].steps, $0) < (-plans[$1].steps, $1) }
    let pass = TrialPass(stage: name, search: self, plans: order.map { plans[$0] })
    let done = try pass.merged(workers: workers, progress: progress) ?? []
    var found: [Int: Trial] = [:]
    for (place, trial) in zip(order, done) { found[place] = trial }
    return plans.indices.compactMap { found[$0] }
  }
}

/// The pass that runs one trial per lane.
private struct TrialPass: Pass {
  let stage: String
  let search: TrialSearch
  let plans: [Changes]

  var laneCount: Int { plans.count }

  func worker(_ progress: Progress) -> LaneWorker<[Trial]> {
    let runner = TrialRunner(search)
    return LaneWorker { (lane) throws(RunError) in [try runner.run(plans[lane])] }
  }

  static func merge(_ all: inout [Trial], _ next: consuming [Trial]) { all += next }
}
