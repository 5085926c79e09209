import Glibc

/// How far a training is from what a loop leaves, over several orders of the rows.
struct LoopDistance {
  /// In standard deviations: the root of the mean of up to four means, of the end, the curve, the moves and
  /// the snapshots, lengthened where the weights went another way than all plays do.
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
      if own.end.isInfinite, let place = own.diverged {
        let places = records.map { $0.diverged ?? 1 }
        parts.append(part(place, places, floor: Self.lossFloor))
      }
      if !moves.isEmpty { parts.append(moves.reduce(0, +) / Double(moves.count)) }
    }
    if usesCurve, !own.curve.isEmpty {
      let curve = own.curve.indices.map { index in
        part(own.curve[index], records.map { $0.curve[index] }, floor: Self.lossFloor)
      }
      parts.append(curve.reduce(0, +) / Double(curve.count))
    }
    if !own.along.isEmpty {
      let along = own.along.indices.map { mark in
        let moments = records.map { $0.along[mark] }
        let loss = part(own.along[mark].loss, moments.map(\.loss), floor: Self.lossFloor)
        let moves = own.along[mark].moves.indices.map { slot in
          part(own.along[mark].moves[slot], moments.map { $0.moves[slot] }, floor: Self.moveFloor)
        }
        return (loss + moves.reduce(0, +) / Double(max(1, moves.count))) / 2
      }
      parts.append(along.reduce(0, +) / Double(along.count))
    }
    self.end = end
    let mean = parts.reduce(0, +) / Double(parts.count)
    let turn = isWhole ? Self.turn(own, records) : 0
    value = parts.isEmpty ? .infinity : (mean + turn * turn / 3).squareRoot()
  }

  /// How far the way of the weights lies outside of those of several plays: the root of the mean over
  /// the parameters, 0 where too few are known.
  private static func turn(_ own: LoopRecord, _ records: [LoopRecord]) -> Double {
    let plays = records.map(\.ways)
    guard plays.count > 1, !own.ways.isEmpty, plays.allSatisfy({ $0.count == own.ways.count })
    else { return 0 }
    var squares: [Double] = []
    for slot in own.ways.indices {
      let way = WayComparison(own.ways[slot], plays.map { $0[slot] })
      guard let way, way.apart < 1 else { continue }
      let turn = max(0, way.off - way.apart) / (angleTolerance + way.apart / 4)
      squares.append(turn * turn)
    }
    return squares.isEmpty ? 0 : (squares.reduce(0, +) / Double(squares.count)).squareRoot()
  }

  /// Radians that are as good as none.
  private static let angleTolerance = 0.1

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
