import Operators
import Replay
import Runs

/// What a training with some changes came to.
struct CurePlay: Sendable {
  /// The task's score on the rows to judge by; nil where the changes do not fit the run.
  let score: Double?
  /// Why they do not fit.
  var problem: String?
  /// By slot of the stepper, the weights that it ended with; empty unless they are asked for.
  var weights: [[Float]] = []
}

/// Plays trainings with changes. Belongs to one thread.
struct CurePlayer {
  let search: CureSearch

  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  func play(_ changes: [Change], order: Int) throws(RunError) -> CurePlay {
    do throws(RunError) {
      let variant = try CureVariant(changes, search, order: order)
      let stepper = try train(variant, order: order)
      let score = try search.score.score(stepper, variant.data, variant.scales)
      return CurePlay(score: score)
    } catch {
      if case .cancelled = error { throw error }
      return CurePlay(score: nil, problem: "\(error)")
    }
  }

  /// Does the training.
  ///
  /// - Parameter watch: called before the first update and after each, with how many were made.
  func train(
    _ variant: CureVariant, order: Int,
    watch: (_ updates: Int, Stepper) throws(RunError) -> Void = { _, _ throws(RunError) in }
  ) throws(RunError) -> Stepper {
    let data = variant.data
    let stepper = try Stepper(
      data.run, from: try Weights(data.run, at: .initial), progress: search.progress)
    if variant.isFresh {
      Initialization.draw(
        into: stepper, try Plan(data.run, rows: data.batch), seed: 3 + UInt64(order))
    } else if order > 0 {
      Self.redraw(stepper, seed: 51 + UInt64(order), shuffling: search.isRandomStart)
    }
    stepper.drop(seed: 21 + UInt64(order))
    var between = try BetweenBatches(.asSet, stepper, variant.schedule, total: variant.steps)
    var random = FixedRandom(seed: 31 + UInt64(order))
    let batches = max(1, data.trained / data.batch)
    let shuffles = data.run.training.shuffle ?? true
    var turn = Array(0..<batches)
    let parts = data.run.training.accumulation ?? 1
    try watch(0, stepper)
    for batch in 0..<(variant.steps * parts) {
      let place = batch % batches
      if place == 0, batch > 0, shuffles { turn = random.permutation(batches) }
      let start = turn[place] * data.batch
      let loss = try stepper.gradient(start..<min(start + data.batch, data.trained))
      try between.go(after: batch, stepper)
      if (batch + 1) % parts == 0 { try watch((batch + 1) / parts, stepper) }
      guard loss.isFinite else { break }
    }
    return stepper
  }

  /// Another start of the same scheme: the values of every kernel in another order, where the start knows
  /// nothing of the task; all of them a little off, so that a training that such a little sends elsewhere is
  /// seen to be one.
  private static func redraw(_ stepper: Stepper, seed: UInt64, shuffling: Bool) {
    var random = FixedRandom(seed: seed)
    for slot in stepper.slots {
      if shuffling, slot.parameter.array.shape.count > 1 {
        let turn = random.permutation(slot.values.count)
        for i in slot.values.indices { slot.values[i] = slot.start[turn[i]] }
      }
      for i in slot.values.indices { slot.values[i] *= Float(1 + nudge * random.normal()) }
    }
  }

  private static let nudge = 1e-3
}

/// The pass that plays one training per lane.
struct CurePass: Pass {
  let stage = "trials, cure"
  let search: CureSearch
  let plans: [(changes: [Change], order: Int)]

  var laneCount: Int { plans.count }

  func worker(_ progress: Progress) -> LaneWorker<[CurePlay]> {
    let player = CurePlayer(search: search)
    return LaneWorker { (lane) throws(RunError) in
      [try player.play(plans[lane].changes, order: plans[lane].order)]
    }
  }

  static func merge(_ all: inout [CurePlay], _ next: consuming [CurePlay]) { all += next }
}
