import Glibc
import Operators
import Replay
import Runs

/// Finds what a training's loop did: first it is played as it was set, and only where that ends
/// decisively better than the training did, with every fault that a loop can have.
final class LoopSearch: Sendable {
  let plan: Plan
  let before: Weights
  /// The rows in several orders.
  let orders: [LoopData]
  /// The rows in their own order.
  let unshuffled: LoopData
  let validation: LoopData?
  let yardstick: Yardstick
  let windows: [LossWindow]
  /// Snapshots that plays pass.
  let marks: [LoopMark]
  /// What the training was at them.
  private let passed: [LoopMark.Moment]
  /// Updates of the training.
  let updates: Int
  /// Batches that it saw.
  private let batches: Int
  /// Batches that are played.
  let played: Int
  let shuffles: Bool
  /// Whether anything drops at random.
  let drops: Bool
  /// The learning rate over all updates; nil where it stays.
  let schedule: Schedule?
  /// The share of the first learning rate that the optimizer stands at, where it has fallen and no
  /// schedule is known.
  let rateFell: Double?
  let firstRate: Double
  private static let fallen = 0.5
  /// Whether the optimizer is seen to stand at its first rate.
  let rateStands: Bool
  /// Whether it is one whose steps are as long as its gradients.
  let isPlain: Bool
  /// Slots that the training did not move, where it moved others.
  let unmoved: Set<Int>
  /// The share of the training after which its recorded loss was no longer finite.
  private let diverged: Double?
  private let isHalf: Bool
  /// What more could be trained: frozen, stopped or missing parameters.
  let openings: [Loop]
  /// Whether a schedule takes more than half of the learning rate away.
  let falls: Bool
  /// Whether gradients are clipped, as far as the settings say.
  let isClipped: Bool
  /// Rows of a batch, and trainable values.
  let rows: Double
  let elements: Double
  let workers: Int
  let progress: Progress
  private let after: Weights

  /// Arithmetic of one play.
  static let budget = 1.2e10
  static let most = 2400
  static let fewest = 8
  /// Orders of the rows that a figure is taken over.
  static let orderCount = 3
  /// The training is where a loop ends when it is no farther off than so many standard deviations.
  private static let within = 2.0

  init(
    _ run: Run, _ plan: Plan, before: Weights, after: Weights, _ yardstick: Yardstick,
    _ windows: [LossWindow], _ marks: [LoopMark], updates: Int, batches: Int, played: Int,
    workers: Int,
    progress: Progress
  ) throws(RunError) {
    self.plan = plan
    self.before = before
    self.after = after
    self.yardstick = yardstick
    self.windows = windows
    self.marks = marks
    self.updates = updates
    self.batches = batches
    self.played = played
    self.workers = workers
    self.progress = progress
    // A batch of all rows is the same in any order.
    shuffles = (run.training.shuffle ?? true) && run.nominalBatch < run.samples
    rows = Double(min(run.nominalBatch, run.samples))
    elements = Double(
      run.graph.parameters.reduce(1) { $0 + ($1.trainable ? $1.array.count : 0) })
    isClipped = run.training.clip != nil
    let first = run.training.optimizer?.learningRate ?? 0
    schedule = try run.schedule
    firstRate = first
    let now = run.training.optimizer?.currentLearningRate ?? first
    rateFell = schedule == nil && now < first * Self.fallen ? now / first : nil
    rateStands =
      schedule == nil && run.training.optimizer?.currentLearningRate == first
    isPlain = run.training.optimizer?.kind == "sgd"
    openings = Self.openings(run)
    isHalf = run.training.precision != "float32"
    diverged = try LossWindow.diverged(run)
    falls = schedule.map { $0.rate(at: updates) < first / 2 } ?? false
    drops = run.graph.nodes.contains { $0.kind.states(.drops) }
    let needed = played * min(run.nominalBatch, run.samples)
    unshuffled = try LoopData(run, needed: needed, seed: nil)
    var orders: [LoopData] = []
    for seed in 0..<(shuffles ? Self.orderCount : 0) {
      orders.append(try LoopData(run, needed: needed, seed: UInt64(seed)))
    }
    self.orders = orders
    validation = try LoopData(validationOf: run)
    let stepper = try Stepper(unshuffled.run, from: before, progress: progress)
    let slots = stepper.slots
    var passed: [LoopMark.Moment] = []
    for mark in marks {
      Self.put(try Weights(run.at(mark.snapshot), keeping: false), into: stepper)
      passed.append(
        LoopMark.Moment(
          loss: yardstick.relative(try unshuffled.judge(stepper)), moves: slots.map(\.move)))
    }
    self.passed = passed
    let still = slots.indices.filter {
      after.values(of: slots[$0].parameter).elementsEqual(slots[$0].start)
    }
    unmoved = still.count < slots.count ? Set(still) : []
  }

  /// Whether two plays of a loop differ by more than a nudge of their start.
  var isRandom: Bool { shuffles || drops }

  /// Whether the moves of all weights are kept, to compare their ways.
  var keepsWays: Bool { isWhole && elements <= Self.mostKept }
  private static let mostKept = 250_000.0

  /// Whether the training was played to its end.
  var isWhole: Bool { played == batches }

  /// The rows in one of several orders; nil for their own.
  func data(_ order: Int?) throws(RunError) -> LoopData {
    order.map { orders[$0] } ?? unshuffled
  }

  func run() throws(RunError) -> LoopOutcome {
    let own = try trained()
    let first = try play([(.asSet, 0)])
    var all = [Loop.asSet: first]
    let usesCurve = isOfThisLoss(own, first[0])
    guard isWhole || usesCurve || !marks.isEmpty else {
      return .not(
        "the training is too long to play it to its end, and the history is of another loss")
    }
    func distance(_ records: [LoopRecord]) -> Double {
      LoopDistance(own, records, isWhole: isWhole, usesCurve: usesCurve).value
    }
    if distance(first) > Self.within {
      all[.asSet]? += try play((1..<Self.orderCount).map { (.asSet, $0) })
    }
    let asSet = all[.asSet] ?? first
    let isDecisive = Self.isDecisive(own, asSet)
    // Where one order of the rows fares as the training did, only a loop that reproduces it tells.
    let mostly = 2 * asSet.filter { Self.isDecisive(own, [$0]) }.count > asSet.count
    let explanation: LoopTrials.Explanation =
      distance(asSet) <= Self.within ? .settings : isDecisive || mostly ? .otherLoop : .harmless
    if explanation == .otherLoop {
      let looks = candidates(own, asSet)
      for (loop, record) in zip(looks, try play(looks.map { ($0, 0) })) { all[loop] = [record] }
      var best = nearest(all, distance)
      for step in Self.refinements {
        let refined = best.flatMap { $0.neighbours(step) }.filter { all[$0] == nil }
        for (loop, record) in zip(refined, try play(refined.map { ($0, 0) })) {
          all[loop] = [record]
        }
        best = nearest(all, distance)
      }
      let more = best.flatMap { loop in (1..<Self.orderCount).map { (loop, $0) } }
      for (plan, record) in zip(more, try play(more)) { all[plan.0]?.append(record) }
    }
    if explanation != .otherLoop { try lift(own, asSet, &all) }
    if explanation == .harmless, isWhole { try hasten(own, asSet, &all) }
    let told = all.map { loop, records in
      let far =
        loop.opens
        ? nil : LoopDistance(own, records, isWhole: isWhole, usesCurve: usesCurve)
      return LoopTrials.Played(
        loop: loop, isDecisive: Self.isDecisive(own, records), ends: records.map(\.end),
        validations: records.compactMap(\.validation),
        distance: far?.value ?? .infinity, endDistance: far?.end,
        gradientNorm: records.first?.gradientNorm ?? 0)
    }
    let full = told.filter { $0.loop != .asSet }.sorted {
      (-$0.ends.count, $0.distance, "\($0.loop)") < (-$1.ends.count, $1.distance, "\($1.loop)")
    }
    guard let set = told.first(where: { $0.loop == .asSet }) else {
      return .not("nothing was played")
    }
    var trials = LoopTrials(
      ended: own.end, validation: own.validation, asSet: set, others: full,
      updates: (batches, played), rateFell: rateFell, yardstick: yardstick,
      explanation: explanation, isShuffled: shuffles, moves: try moves(own, asSet))
    // Half precision overflows where plays in float32 do not.
    let mayOverflow = !own.end.isFinite && isHalf
    if explanation == .otherLoop, !isDecisive || mayOverflow, trials.match == nil {
      trials.explanation = .harmless
    }
    return .done(trials)
  }

  /// Whether the recorded losses are those of the run, as far as orders of magnitude tell: others are
  /// sums, or of another kind.
  private func isOfThisLoss(_ own: LoopRecord, _ asSet: LoopRecord) -> Bool {
    guard let first = own.curve.first, first.isFinite, let played = asSet.curve.first else {
      return !own.curve.isEmpty
    }
    return first <= Self.sameLoss * max(played, own.end) + Self.sameLoss
      && first * Self.sameLoss >= min(played, own.end)
  }

  private static let sameLoss = 5.0

  /// What the training itself left.
  private func trained() throws(RunError) -> LoopRecord {
    let stepper = try Stepper(unshuffled.run, from: before, progress: progress)
    Self.put(after, into: stepper)
    return LoopRecord(
      end: yardstick.relative(try unshuffled.judge(stepper)),
      validation: try LoopPlayer(self).onValidation(stepper.slots),
      moves: stepper.slots.map(\.move), curve: windows.map { yardstick.relative($0.recorded) },
      ways: keepsWays ? stepper.slots.map(\.way) : [], along: passed, diverged: diverged)
  }

  private static func put(_ weights: Weights, into stepper: Stepper) {
    for slot in stepper.slots {
      let values = weights.values(of: slot.parameter)
      for i in slot.values.indices { slot.values[i] = values[i] }
    }
  }

  /// Plays loops on all threads.
  func play(_ plans: [(Loop, Int)]) throws(RunError) -> [LoopRecord] {
    let pass = LoopPass(search: self, plans: plans)
    return try pass.merged(workers: workers, progress: progress) ?? []
  }
}

/// The pass that plays one loop per lane.
private struct LoopPass: Pass {
  let stage = "trials, loop"
  let search: LoopSearch
  let plans: [(Loop, Int)]

  var laneCount: Int { plans.count }

  func worker(_ progress: Progress) -> LaneWorker<[LoopRecord]> {
    let player = LoopPlayer(search)
    return LaneWorker { (lane) throws(RunError) in
      [try player.play(plans[lane].0, order: plans[lane].1)]
    }
  }

  static func merge(_ all: inout [LoopRecord], _ next: consuming [LoopRecord]) { all += next }
}
