import Replay
import Runs

extension Run {
  /// The most bytes that a probe may take for the values and the gradients of a batch.
  private static let probeBytes = 1 << 29
  /// The fewest rows that a probe is cut to.
  private static let fewestRows = 16

  /// How many rows a probe replays at once: as many as are named, or as many as take half a GiB with all
  /// that lies between the layers. A ResNet-18 on 32×32 images has room for about 40.
  ///
  /// - Throws: `RunError` when the shapes of the run do not fit.
  package func affordable(_ most: Int) throws(RunError) -> Int {
    guard samples > 0 else { return most }
    return min(most, max(Self.fewestRows, Self.affordableRows(try Plan(self, rows: 1))))
  }

  /// How many rows are replayed as one batch where the loss of several is added up: the same, and fewer
  /// where memory asks for it and rows are apart from each other.
  ///
  /// - Throws: `RunError` when the shapes of the run do not fit.
  func affordableAtOnce(_ most: Int) throws(RunError) -> Int {
    guard samples > 0 else { return most }
    let plan = try Plan(self, rows: 1)
    let rows = Self.affordableRows(plan)
    return min(most, max(plan.keepsSamples ? 1 : Self.fewestRows, rows))
  }

  /// The first so many rows in as few parts of one length as that memory allows, where rows are apart
  /// from each other; else, and mostly, all in one.
  ///
  /// - Throws: `RunError` when the shapes of the run do not fit.
  func parts(of rows: Int) throws(RunError) -> [Range<Int>] {
    let plan = try Plan(self, rows: 1)
    var length = max(1, rows)
    while length > 1, plan.keepsSamples,
      length > max(1, Self.affordableRows(plan)) || rows % length != 0
    { length -= 1 }
    return stride(from: 0, to: rows, by: length).map { $0..<($0 + length) }
  }

  /// Values and gradients, four bytes each.
  private static func affordableRows(_ plan: Plan) -> Int {
    let bytes = 8 * plan.operands.reduce(0) { $0 + ($1.batched ? $1.shape.count : 0) }
    return probeBytes / max(1, bytes)
  }
}
