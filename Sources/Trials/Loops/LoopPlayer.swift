import Operators
import Replay
import Runs

/// Plays loops from the run's own start. Belongs to one thread.
final class LoopPlayer {
  private let search: LoopSearch
  /// By order of the rows; nil for their own.
  private var steppers: [Int?: Stepper] = [:]
  private var judge: Stepper?

  init(_ search: LoopSearch) { self.search = search }

  /// - Throws: `RunError` when the run cannot be replayed.
  func play(_ loop: Loop, order: Int) throws(RunError) -> LoopRecord {
    let shuffles = search.shuffles && loop != .unshuffled
    let data = try search.data(shuffles ? order : nil)
    let stepper = try stepper(data, shuffles ? order : nil)
    stepper.reset()
    stepper.drop(seed: 21 + UInt64(order))
    var between = try BetweenBatches(
      loop, stepper, search.schedule, total: search.updates)
    var curve = search.windows.map { _ in (sum: 0.0, count: 0) }
    var random = FixedRandom(seed: 31 + UInt64(order))
    let batches = data.batches
    var turn = Array(batches.indices)
    var isFinite = true
    for batch in 0..<search.played {
      let place = batch % batches.count
      if place == 0, batch > 0, shuffles { turn = random.permutation(batches.count) }
      let loss = try stepper.gradient(batches[turn[place]])
      for (index, window) in search.windows.enumerated() where window.batches.contains(batch) {
        curve[index].sum += loss
        curve[index].count += 1
      }
      guard loss.isFinite else {
        isFinite = false
        break
      }
      try between.go(after: batch, stepper)
    }
    return try record(stepper, data, curve, between.medianNorm, isFinite)
  }

  private func stepper(_ data: LoopData, _ order: Int?) throws(RunError) -> Stepper {
    if let made = steppers[order] { return made }
    let made = try Stepper(data.run, from: search.before, progress: search.progress)
    steppers[order] = made
    return made
  }

  private func record(
    _ stepper: Stepper, _ data: LoopData, _ curve: [(sum: Double, count: Int)],
    _ gradientNorm: Double, _ isFinite: Bool
  ) throws(RunError) -> LoopRecord {
    let relative = search.yardstick.relative
    let end = isFinite ? relative(try data.judge(stepper)) : .infinity
    var validation: Double?
    if search.validation != nil {
      validation = isFinite ? try onValidation(stepper.slots.map(\.values)) : .infinity
    }
    return LoopRecord(
      end: end, validation: validation,
      moves: isFinite
        ? stepper.slots.map { LoopSearch.move(from: $0.start, to: $0.values) }
        : stepper.slots.map { _ in .infinity },
      curve: curve.map { $0.count > 0 ? relative($0.sum / Double($0.count)) : .infinity },
      gradientNorm: gradientNorm)
  }

  /// The relative loss on the validation data at some weights; nil without any.
  func onValidation(
    _ values: [UnsafeMutableBufferPointer<Float>]
  ) throws(RunError) -> Double? {
    guard let held = search.validation else { return nil }
    if judge == nil {
      judge = try Stepper(held.run, from: search.before, progress: search.progress)
    }
    guard let stepper = judge else { return nil }
    for (slot, value) in zip(stepper.slots, values) {
      _ = slot.values.update(fromContentsOf: value)
    }
    return search.yardstick.relative(try held.judge(stepper))
  }
}
