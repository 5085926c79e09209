import Runs

/// The rows of a data set in chunks that are read at once, and these in lanes. Neither depends on the
/// number of workers.
struct RowChunks: Sendable {
  /// Rows of the data.
  let rows: Int
  /// Rows of a chunk, at most.
  let size: Int
  /// By lane: its chunks.
  private let lanes: [Range<Int>]

  /// The most bytes of one array that are read at a time …
  private static let chunkBytes = 1 << 20
  /// … and the most rows.
  private static let chunkRows = 4096

  init(rows: Int, size: Int) {
    self.rows = rows
    self.size = size
    lanes = Batches.lanes((rows + size - 1) / size)
  }

  /// Chunks of arrays of which the widest has so many values per row.
  init(rows: Int, width: Int) {
    let fitting = Self.chunkBytes / (MemoryLayout<Float>.size * max(1, width))
    self.init(rows: rows, size: max(1, min(Self.chunkRows, fitting)))
  }

  /// How many lanes there are.
  var laneCount: Int { lanes.count }

  /// The rows of a lane.
  func rows(of lane: Int) -> Range<Int> {
    lanes[lane].lowerBound * size..<min(rows, lanes[lane].upperBound * size)
  }

  /// Calls `body` with the rows of every chunk of a lane in order, until the work is stopped.
  func forEach(
    of lane: Int, _ progress: Progress, _ body: (Range<Int>) throws(RunError) -> Void
  ) throws(RunError) {
    for chunk in lanes[lane] where !progress.isStopped {
      try body(chunk * size..<min(rows, (chunk + 1) * size))
      progress.pulse()
    }
  }
}
