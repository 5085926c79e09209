import Glibc
import Npy
import Runs

/// A part of the recorded losses that a loop is matched with, in batches since the start.
struct LossWindow: Sendable {
  let batches: Range<Int>
  /// The mean of what was recorded in it.
  let recorded: Double

  /// Four parts of the recorded losses, spread over the batches that are played; empty where nothing is
  /// recorded, or not finitely.
  static func windows(_ run: Run, batches: Int, played: Int) throws(RunError) -> [LossWindow] {
    guard let series = run.history["loss"] else { return [] }
    let values = try bridging(series.array.doubles())
    guard batches > 0, !values.isEmpty else { return [] }
    let size = max(1, series.perEpoch ? 1 : values.count / steps)
    let all: [LossWindow] = (0..<(values.count / size)).compactMap { index in
      let part = values[(index * size)..<((index + 1) * size)]
      // As numbers that cannot overflow: a run may claim any number of updates.
      let share = Double(batches) / Double(values.count)
      let last = (Double((index + 1) * size) * share).rounded(.down)
      guard last <= Double(played) else { return nil }
      let (from, to) = (Int(Double(index * size) * share), Int(last))
      guard to > from else { return nil }
      return LossWindow(batches: from..<to, recorded: part.reduce(0, +) / Double(part.count))
    }
    let picked = Set((0..<count).map { $0 * max(0, all.count - 1) / (count - 1) })
    return picked.sorted().compactMap { all.indices.contains($0) ? all[$0] : nil }
  }

  /// The share of the training after which recorded losses are no longer finite; nil when all are.
  ///
  /// - Throws: `RunError.npy` when they cannot be read.
  static func diverged(_ run: Run) throws(RunError) -> Double? {
    guard let series = run.history["loss"] else { return nil }
    let values = try bridging(series.array.doubles())
    guard let first = values.firstIndex(where: { !$0.isFinite }) else { return nil }
    return (Double(first) + 0.5) / Double(values.count)
  }

  private static let count = 4
  /// Parts of a series with one value for each step.
  private static let steps = 32
}

/// What a training, or a loop that was played, left behind: what the two are compared by.
struct LoopRecord: Sendable {
  /// The relative loss on the rows to judge by; infinite when it diverged.
  let end: Double
  /// That on the validation data; nil without any.
  let validation: Double?
  /// By slot of the stepper: the norm of its move, as a share of the norm it began with.
  let moves: [Double]
  /// The mean relative loss of the batches in each window.
  let curve: [Double]
  /// By slot: the move itself; empty where it is not kept.
  var ways: [[Float]] = []
  /// What it was at every mark of the search.
  var along: [LoopMark.Moment] = []
  /// The share of all batches after which the loss was no longer finite; nil when it stayed so, or
  /// when that is not known.
  var diverged: Double?
  /// The median norm of all gradients together.
  var gradientNorm = 0.0
}

extension Stepper.Slot {
  /// How far the values are from where they began.
  var way: [Float] { zip(values, start).map { $0 - $1 } }

  /// The norm of that, as a share of the norm that they began with.
  var move: Double {
    var (square, base) = (0.0, 0.0)
    for (value, start) in zip(values, start) {
      let difference = Double(value) - Double(start)
      square += difference * difference
      base += Double(start) * Double(start)
    }
    return square.squareRoot() / max(base.squareRoot(), 1e-2 * Double(start.count).squareRoot())
  }
}
