import Operators
import Replay
import Runs

/// Plays loops from the run's own start. Belongs to one thread.
final class LoopPlayer {
  private let search: LoopSearch
  private var steppers: [Place: Stepper] = [:]
  /// Those on the validation data, by a loop that trains other parameters.
  private var judges: [Loop?: Stepper] = [:]

  init(_ search: LoopSearch) { self.search = search }

  /// What a stepper is made for: an order of the rows, nil for their own, and a loop that trains
  /// other parameters.
  private struct Place: Hashable {
    let order: Int?
    let opening: Loop?
  }

  /// - Throws: `RunError` when the run cannot be replayed.
  func play(_ loop: Loop, order: Int) throws(RunError) -> LoopRecord {
    let shuffles = search.shuffles && loop != .unshuffled
    let data = try search.data(shuffles ? order : nil)
    let place = Place(order: shuffles ? order : nil, opening: loop.opens ? loop : nil)
    let stepper = try stepper(data, place)
    stepper.reset()
    if order > 0, !search.isRandom { stepper.nudge(by: Self.nudge, seed: 29 + UInt64(order)) }
    stepper.drop(seed: 21 + UInt64(order))
    var between = try BetweenBatches(
      loop, stepper, search.schedule, total: search.updates, unmoved: search.unmoved)
    var curve = search.windows.map { _ in (sum: 0.0, count: 0) }
    var random = FixedRandom(seed: 31 + UInt64(order))
    let batches = data.batches
    var turn = Array(batches.indices)
    var diverged: Int?
    var along: [LoopMark.Moment] = []
    for batch in 0..<search.played {
      let place = batch % batches.count
      if place == 0, batch > 0, shuffles { turn = random.permutation(batches.count) }
      let loss = try stepper.gradient(batches[turn[place]])
      for (index, window) in search.windows.enumerated() where window.batches.contains(batch) {
        curve[index].sum += loss
        curve[index].count += 1
      }
      guard loss.isFinite else {
        diverged = batch
        break
      }
      try between.go(after: batch, stepper)
      guard along.count < search.marks.count, search.marks[along.count].batch == batch + 1 else {
        continue
      }
      along.append(
        LoopMark.Moment(
          loss: search.yardstick.relative(try data.judge(stepper)), moves: stepper.slots.map(\.move)
        ))
    }
    let never = LoopMark.Moment(loss: .infinity, moves: stepper.slots.map { _ in .infinity })
    along += search.marks.dropFirst(along.count).map { _ in never }
    let isFinite = diverged == nil
    let relative = search.yardstick.relative
    var validation: Double?
    if search.validation != nil {
      validation = isFinite ? try onValidation(stepper.slots, place.opening) : .infinity
    }
    return LoopRecord(
      end: isFinite ? relative(try data.judge(stepper)) : .infinity, validation: validation,
      moves: loop.opens ? [] : stepper.slots.map { isFinite ? $0.move : .infinity },
      curve: curve.map { $0.count > 0 ? relative($0.sum / Double($0.count)) : .infinity },
      ways: search.keepsWays && isFinite && !loop.opens ? stepper.slots.map(\.way) : [],
      along: along,
      diverged: diverged.map { Double($0) / Double(search.played) },
      gradientNorm: between.medianNorm)
  }

  /// By how much of its norm a parameter is moved at the start of all plays but the first, where
  /// nothing else is random: a training that such a little sends elsewhere is seen to be one.
  private static let nudge = 1e-2

  private func stepper(_ data: LoopData, _ place: Place) throws(RunError) -> Stepper {
    if let made = steppers[place] { return made }
    let run = try place.opening?.opening(data.run) ?? data.run
    let made = try Stepper(run, from: search.before, progress: search.progress)
    steppers[place] = made
    return made
  }

  /// The relative loss on the validation data at some weights; nil without any.
  func onValidation(
    _ slots: [Stepper.Slot], _ opening: Loop? = nil
  ) throws(RunError) -> Double? {
    guard let held = search.validation else { return nil }
    let judge = try judge(held, opening)
    for (slot, played) in zip(judge.slots, slots) where slot.values.count == played.values.count {
      _ = slot.values.update(fromContentsOf: played.values)
    }
    return search.yardstick.relative(try held.judge(judge))
  }

  private func judge(_ held: LoopData, _ opening: Loop?) throws(RunError) -> Stepper {
    if let made = judges[opening] { return made }
    let run = try opening?.opening(held.run) ?? held.run
    let made = try Stepper(run, from: search.before, progress: search.progress)
    judges[opening] = made
    return made
  }
}
