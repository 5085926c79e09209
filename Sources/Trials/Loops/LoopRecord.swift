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
  /// The median norm of all gradients together.
  var gradientNorm = 0.0
}

/// How far a training is from what a loop leaves, over several orders of the rows.
struct LoopDistance {
  /// In standard deviations: the root of the mean of three means, of the end, the curve and the moves.
  let value: Double
  /// How far the end alone is; nil where the loop was not played to it.
  let end: Double?

  /// - Parameter isWhole: whether the loop was played to the end of the training.
  init(_ own: LoopRecord, _ records: [LoopRecord], isWhole: Bool, usesCurve: Bool) {
    var parts: [Double] = []
    func part(_ own: Double, _ all: [Double], floor: Double) -> Double {
      let logs = all.map { Self.logarithm($0, floor) }
      let mean = logs.reduce(0, +) / Double(logs.count)
      let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(logs.count)
      let spread = max(variance.squareRoot(), logs.count < 3 ? Self.unknownSpread : 0)
      let distance = (Self.logarithm(own, floor) - mean) / (spread + Self.tolerance)
      return distance * distance
    }
    var end: Double?
    if isWhole {
      let square = part(own.end, records.map(\.end), floor: Self.lossFloor)
      end = square.squareRoot()
      parts.append(square)
      let moves = own.moves.indices.map { slot in
        part(own.moves[slot], records.map { $0.moves[slot] }, floor: Self.moveFloor)
      }
      if !moves.isEmpty { parts.append(moves.reduce(0, +) / Double(moves.count)) }
    }
    if usesCurve, !own.curve.isEmpty {
      let curve = own.curve.indices.map { index in
        part(own.curve[index], records.map { $0.curve[index] }, floor: Self.lossFloor)
      }
      parts.append(curve.reduce(0, +) / Double(curve.count))
    }
    self.end = end
    value =
      parts.isEmpty ? .infinity : (parts.reduce(0, +) / Double(parts.count)).squareRoot()
  }

  private static func logarithm(_ value: Double, _ floor: Double) -> Double {
    log(value.isFinite ? min(max(value, floor), ceiling) : ceiling)
  }

  /// What is added to the spread of the logarithms: 5 % are the same.
  private static let tolerance = 0.05
  /// The spread where it is known of too few orders.
  private static let unknownSpread = 0.1
  /// Relative losses below are as good as none.
  private static let lossFloor = 1e-3
  private static let moveFloor = 1e-6
  private static let ceiling = 1e6
}
