import Glibc
import Operators

/// All rehearsals of a run: a short look at many learning rates, then longer ones of the run's own rate
/// and of the best others.
struct Campaign: Sendable {
  let stages: Stages
  let plan: Plan
  let before: Weights?
  let after: Weights?
  let fallback: Weights
  let workers: Int
  let progress: Progress
  /// Updates of a full rehearsal.
  let steps: Int
  /// Updates of the training; nil when unknown.
  let trained: Int?

  /// The weights before the training, or fresh ones.
  private var origin: Rehearsal.Script {
    Rehearsal.Script().with { $0.start = before == nil ? .fresh : .before }
  }

  /// Updates of a first look.
  var look: Int { max(8, steps / Rehearsals.lookShare) }

  /// The weights that a script begins with, or that are drawn over.
  func weights(_ start: Rehearsal.Script.Start) -> Weights {
    start == .after ? after ?? fallback : before ?? fallback
  }

  func run(_ changes: Rehearsals.Changes) throws(ReplayError) -> Rehearsals {
    let (stage, range) = stages.of(origin)
    let beginning = try Stepper(stage.run, from: before ?? fallback, progress: progress)
    if before == nil { FreshStart.draw(into: beginning, plan) }
    let start = range.relative(try beginning.judge(stage))
    let bounds = stage.run.training.optimizer?.kind == "sgd"
    var curvature = try bounds ? curvature(beginning, stage) : nil
    let families = families(changes, lowest: lowest(curvature, stage))
    let looks = families.flatMap { family in
      family.exponents.map { power in
        family.base.with {
          $0.rate = pow(10, Double(power))
          $0.steps = look
        }
      }
    }
    // The run's own rate is rehearsed in full in any case: its first part is the look at it.
    let sure = looks.filter { $0.rate == 1 }.map { script in
      script.with { $0.steps = length(of: script) }
    }
    let first = try rehearse(looks.filter { $0.rate != 1 }, "rehearsals, first look")
    let chosen = promoted(families, first).filter { $0.steps > look && !sure.contains($0) }
    let second = try rehearse(sure + chosen, "rehearsals")
    let looked = looks.compactMap { script in
      first.first { $0.script == script }
        ?? second.first { $0.script.with { $0.steps = look } == script }?.cut(to: look)
    }
    let all = looked + second.filter { $0.script.steps > look }
    if !bounds, needsCurvature(all) {
      curvature = try self.curvature(beginning, stage)
    }
    var end: Double?
    if let after {
      let stepper = try Stepper(stage.run, from: after, progress: progress)
      end = range.relative(try stepper.judge(stage))
    }
    return Rehearsals(
      steps: steps, judged: stage.judged.count, isHeldOut: stage.isHeldOut,
      knowsStart: before != nil, trainedSteps: trained, start: start, end: end, range: range,
      all: all, curvature: curvature)
  }

  /// What is rehearsed at several powers of ten of the learning rate.
  private typealias Family = (base: Rehearsal.Script, exponents: ClosedRange<Int>)

  private func families(_ changes: Rehearsals.Changes, lowest: Int) -> [Family] {
    var families: [Family] = [(origin, lowest...Rehearsals.exponents.upperBound)]
    for script in stages.changed {
      families.append((script.with { $0.start = origin.start }, Rehearsals.changedExponents))
    }
    if changes.fresh, before != nil {
      // A small network may be unlucky with one draw.
      let draws = Self.trainable(stages.of(origin).0.run) <= Rehearsals.smallNetwork ? 3 : 1
      for draw in 0..<UInt64(draws) {
        let base = origin.with {
          $0.start = .fresh
          $0.draw = draw
        }
        families.append((base, draw == 0 ? Rehearsals.changedExponents : 0...0))
      }
      if changes.averaged {
        let base = origin.with {
          $0.start = .fresh
          $0.averaged = true
        }
        families.append((base, 0...0))
      }
      if let data = stages.changed.last {
        families.append((data.with { $0.start = .fresh }, Rehearsals.changedExponents))
      }
    }
    if changes.unpenalized { families.append((origin.with { $0.penalized = false }, 0...0)) }
    if changes.complete { families.append((origin.with { $0.complete = true }, 0...0)) }
    if changes.averaged { families.append((origin.with { $0.averaged = true }, 0...0)) }
    if after != nil {
      families.append((origin.with { $0.start = .after }, Rehearsals.furtherExponents))
    }
    return families
  }

  /// The largest curvature at the start.
  private func curvature(_ stepper: Stepper, _ stage: Stage) throws(ReplayError) -> Curvature? {
    try Curvature.estimate(
      stepper, rows: 0..<min(stage.trained, Stage.chunk),
      factors: try Updater.factors(stepper, stage, updates: trained ?? steps))
  }

  /// Whether a finding may tell the curvature: where a lower learning rate does better, or a loss is
  /// summed.
  private func needsCurvature(_ all: [Rehearsal]) -> Bool {
    guard stages.of(origin).0.run.losses.allSatisfy(\.mean) else { return true }
    return [origin.start, .after].contains { start in
      let best = { (some: [Rehearsal]) in some.map { $0.best() }.min() ?? .infinity }
      let own = all.filter { $0.script.start == start }
      return best(own.filter { $0.script.rate < 1 })
        < 0.9 * best(own.filter { $0.script.rate == 1 })
    }
  }

  /// The learning rates that did best at first sight.
  private func promoted(_ families: [Family], _ looked: [Rehearsal]) -> [Rehearsal.Script] {
    var scripts: [Rehearsal.Script] = []
    for family in families {
      let others = looked.filter {
        sameFamily($0.script, family.base) && $0.script.rate != 1 && $0.diverged == nil
      }.sorted { ($0.end, $0.script.rate) < ($1.end, $1.script.rate) }
      var rates = others.prefix(family.base == origin ? 2 : 1).map(\.script.rate)
      // A rate beside the best may win in the long run.
      if family.base == origin, let best = rates.first, best > 1 { rates.append(best / 10) }
      for rate in rates {
        var script = family.base.with { $0.rate = rate }
        script.steps = length(of: script)
        if !scripts.contains(script) { scripts.append(script) }
      }
    }
    return scripts
  }

  /// Updates of a rehearsal in full. With something changed it is compared with the training after as
  /// many updates as that had; only without a change does what comes later tell something.
  private func length(of script: Rehearsal.Script) -> Int {
    let unchanged = [origin, origin.with { $0.start = .after }]
    guard after != nil, let trained, !unchanged.contains(script.with { $0.steps = 0 }) else {
      return steps
    }
    return min(steps, max(look, trained))
  }

  /// The power of ten of the smallest factor of the learning rate: low enough that plain gradient
  /// descent is stable at the largest curvature.
  private func lowest(_ curvature: Curvature?, _ stage: Stage) -> Int {
    let usual = Rehearsals.exponents.lowerBound
    guard let optimizer = stage.run.training.optimizer, optimizer.kind == "sgd",
      let curvature, curvature.largest.isFinite, curvature.largest > 0
    else { return usual }
    let factor = 1 / (optimizer.learningRate * curvature.largest)
    guard factor.isFinite, factor > 0 else { return usual }
    return min(usual, max(Rehearsals.lowestExponent, Int(log10(factor).rounded(.down))))
  }

  private static func trainable(_ run: Run) -> Int {
    run.graph.parameters.reduce(0) { $0 + ($1.trainable ? $1.array.count : 0) }
  }

  private func sameFamily(_ a: Rehearsal.Script, _ b: Rehearsal.Script) -> Bool {
    a.with {
      $0.rate = b.rate
      $0.steps = b.steps
    } == b
  }

  /// Rehearses on all threads, the longest first: one left to the end would keep the others waiting.
  private func rehearse(
    _ scripts: [Rehearsal.Script], _ name: String
  ) throws(ReplayError) -> [Rehearsal] {
    let order = scripts.indices.sorted { (-scripts[$0].steps, $0) < (-scripts[$1].steps, $1) }
    let campaign = self
    progress.begin(name, total: scripts.count)
    let done =
      try Lanes.map(
        scripts.count, workers: workers, progress: progress,
        { () throws(ReplayError) -> LaneWorker<[Rehearsal]> in
          let rehearser = Rehearser(campaign)
          return LaneWorker { (lane) throws(ReplayError) in
            [try rehearser.perform(scripts[order[lane]])]
          }
        }, merge: { $0 += $1 }) ?? []
    var found: [Int: Rehearsal] = [:]
    for (place, rehearsal) in zip(order, done) { found[place] = rehearsal }
    return scripts.indices.compactMap { found[$0] }
  }
}
