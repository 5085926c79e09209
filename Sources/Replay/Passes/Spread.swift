import Npy
import Runs

/// How far rows of an array lie from their mean, read a part at a time.
final class Spread {
  /// Which rows.
  enum Rows {
    case all
    case places([Int])
  }

  private let array: NpyArray
  private let isClasses: Bool
  private let width: Int
  /// Rows of a part.
  private let step: Int
  private let buffer: RowBuffer
  private let progress: Progress

  private static let partFloats = 1 << 16

  /// - Parameter isClasses: whether the values are labels, one per row.
  /// - Throws: `RunError.system` when memory runs out.
  init(_ array: NpyArray, isClasses: Bool, _ progress: Progress) throws(RunError) {
    self.array = array
    self.progress = progress
    self.isClasses = isClasses
    width = array.rowLength
    step = max(1, Self.partFloats / max(1, width))
    buffer = try RowBuffer(array, rows: min(step, array.rows))
  }

  /// The sum of squared distances from the mean; of labels, from their shares. 0 if that is not finite.
  func total(of rows: Rows) throws(RunError) -> Double {
    let count =
      switch rows {
      case .all: array.rows
      case .places(let places): places.count
      }
    guard count > 0, width > 0 else { return 0 }
    if isClasses {
      var counts: [Float: Int] = [:]
      try forEachPart(rows, count) { part in
        for value in part { counts[value, default: 0] += 1 }
      }
      let n = Double(count)
      return n - counts.values.sorted().reduce(0.0) { $0 + Double($1) * Double($1) / n }
    }
    var mean = [Double](repeating: 0, count: width)
    try forEachPart(rows, count) { part in
      for (index, value) in part.enumerated() { mean[index % width] += Double(value) }
    }
    for column in 0..<width { mean[column] /= Double(count) }
    var sums = [Double](repeating: 0, count: width)
    try forEachPart(rows, count) { part in
      for (index, value) in part.enumerated() {
        let distance = Double(value) - mean[index % width]
        sums[index % width] += distance * distance
      }
    }
    let sum = sums.reduce(0, +)
    return sum.isFinite ? sum : 0
  }

  private func forEachPart(
    _ rows: Rows, _ count: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(RunError) {
    for start in stride(from: 0, to: count, by: step) {
      try progress.check()
      let part = start..<min(start + step, count)
      switch rows {
      case .all: body(try buffer.read(part))
      case .places(let places): body(try buffer.read(Array(places[part])))
      }
    }
  }
}
