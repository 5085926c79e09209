import Glibc
import Operators

/// The stages that scripts ask for, each with its own range of losses.
struct Stages: Sendable {
  private let plain: (Stage, LossRange)
  private let inputs: (Stage, LossRange)?
  private let targets: (Stage, LossRange)?
  private let both: (Stage, LossRange)?

  init(
    _ stage: Stage, _ range: LossRange, _ changes: Rehearsals.Changes, _ weights: Weights,
    _ progress: Progress
  ) throws(ReplayError) {
    func scaled(_ names: Set<String>) throws(ReplayError) -> (Stage, LossRange)? {
      guard !names.isEmpty else { return nil }
      let other = try stage.standardized(names)
      guard
        let range = try LossRange(try Stepper(other.run, from: weights, progress: progress), other)
      else {
        return nil
      }
      return (other, range)
    }
    plain = (stage, range)
    inputs = try scaled(changes.inputs)
    targets = try scaled(changes.targets)
    both =
      changes.inputs.isEmpty || changes.targets.isEmpty
      ? nil : try scaled(changes.inputs.union(changes.targets))
  }

  func of(_ script: Rehearsal.Script) -> (Stage, LossRange) {
    switch (script.scaledInputs, script.scaledTargets) {
    case (true, true): both ?? plain
    case (true, false): inputs ?? plain
    case (false, true): targets ?? plain
    case (false, false): plain
    }
  }

  /// The scripts with data changed that there are stages for.
  var changed: [Rehearsal.Script] {
    var result: [Rehearsal.Script] = []
    if inputs != nil { result.append(Rehearsal.Script().with { $0.scaledInputs = true }) }
    if targets != nil { result.append(Rehearsal.Script().with { $0.scaledTargets = true }) }
    if both != nil {
      result.append(
        Rehearsal.Script().with {
          $0.scaledInputs = true
          $0.scaledTargets = true
        })
    }
    return result
  }
}

/// All rehearsals of a run: a short look at many learning rates, then full ones of the run's own rate
/// and of the best others.
struct Campaign {
  let stages: Stages
  let plan: Plan
  let before: Weights?
  let after: Weights?
  let fallback: Weights
  let workers: Int
  let progress: Progress

  /// The weights before the training, or fresh ones.
  private var origin: Rehearsal.Script {
    Rehearsal.Script().with { $0.start = before == nil ? .fresh : .before }
  }

  func run(
    _ changes: Rehearsals.Changes, steps: Int, trained: Int?
  ) throws(ReplayError) -> Rehearsals {
    let (stage, range) = stages.of(origin)
    let beginning = try Stepper(stage.run, from: before ?? fallback, progress: progress)
    if before == nil { FreshStart.draw(into: beginning, plan) }
    let start = range.relative(try beginning.judge(stage))
    let curvature = try Curvature.estimate(
      beginning, rows: 0..<min(stage.trained, Stage.chunk),
      factors: try Updater.factors(beginning, stage, updates: trained ?? steps))
    var families: [(base: Rehearsal.Script, exponents: ClosedRange<Int>)] = [
      (origin, lowest(curvature, stage)...Rehearsals.exponents.upperBound)
    ]
    for script in stages.changed {
      families.append((script.with { $0.start = origin.start }, Rehearsals.changedExponents))
    }
    if changes.fresh, before != nil {
      // A small network may be unlucky with one draw.
      let draws = Self.trainable(stage.run) <= Rehearsals.smallNetwork ? 3 : 1
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
    if changes.averaged { families.append((origin.with { $0.averaged = true }, 0...0)) }
    if after != nil {
      families.append((origin.with { $0.start = .after }, Rehearsals.furtherExponents))
    }
    let look = max(8, steps / Rehearsals.lookShare)
    let looks = families.flatMap { family in
      family.exponents.map { power in
        family.base.with {
          $0.rate = pow(10, Double(power))
          $0.steps = look
        }
      }
    }
    let looked = try rehearse(looks, "rehearsals, first look")
    var full: [Rehearsal.Script] = []
    for family in families {
      let own = looked.filter { sameFamily($0.script, family.base) }
      let others = own.filter { $0.script.rate != 1 && $0.diverged == nil }.sorted {
        ($0.end, $0.script.rate) < ($1.end, $1.script.rate)
      }
      let count = family.base == origin ? 2 : 1
      full.append(family.base.with { $0.steps = steps })
      for other in others.prefix(count) {
        full.append(other.script.with { $0.steps = steps })
      }
      // A rate beside the best may win in the long run.
      if family.base == origin, let slower = others.first?.script.rate, slower > 1 {
        full.append(
          family.base.with {
            $0.rate = slower / 10
            $0.steps = steps
          })
      }
    }
    var unique: [Rehearsal.Script] = []
    for script in full where !unique.contains(script) { unique.append(script) }
    let done = try rehearse(unique, "rehearsals")
    var end: Double?
    if let after {
      let stepper = try Stepper(stage.run, from: after, progress: progress)
      end = range.relative(try stepper.judge(stage))
    }
    return Rehearsals(
      steps: steps, judged: stage.judged.count, isHeldOut: stage.isHeldOut,
      knowsStart: before != nil, trainedSteps: trained, start: start, end: end, range: range,
      all: looked + done, curvature: curvature)
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

  private func rehearse(
    _ scripts: [Rehearsal.Script], _ stage: String
  ) throws(ReplayError) -> [Rehearsal] {
    let (stages, plan, progress) = (stages, plan, progress)
    let (before, after, fallback) = (before, after, fallback)
    progress.begin(stage, total: scripts.count)
    return try Lanes.map(
      scripts.count, workers: workers, progress: progress,
      { () throws(ReplayError) in
        LaneWorker { (lane) throws(ReplayError) in
          let script = scripts[lane]
          let (stage, range) = stages.of(script)
          let weights =
            switch script.start {
            case .after: after ?? fallback
            case .before, .fresh: before ?? fallback
            }
          return [try Rehearsal(script, on: stage, from: weights, plan, range, progress)]
        }
      }, merge: { $0 += $1 }) ?? []
  }
}
