import Npy
import Runs

/// The pass that hashes rows.
struct RowPass: PortablePass {
  private let names: [String]
  private let arrays: [NpyArray]
  private let chunks: RowChunks
  let home: Run?

  /// - Returns: nil when there are more rows than `RowDigests.rowLimit`, or no arrays.
  init?(_ run: Run, _ names: [String]) throws(RunError) {
    let arrays = try run.arrays(names, validation: false)
    guard let rows = arrays.first?.rows, rows <= RowDigests.rowLimit,
      arrays.allSatisfy({ $0.rows == rows })
    else { return nil }
    self.names = names
    self.arrays = arrays
    chunks = RowChunks(rows: rows, width: arrays.map(\.rowLength).max() ?? 1)
    home = run.asOpened
  }

  static var kind: PassKind { .rows }
  var stage: String { "duplicates" }
  var laneCount: Int { chunks.laneCount }
  var reads: (names: [String], validation: Bool) { (names, false) }

  func rows(of lane: Int) -> Range<Int> { chunks.rows(of: lane) }

  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<[UInt64]> {
    let buffers = try arrays.map { (array) throws(RunError) in
      try RowBuffer(array, rows: chunks.size)
    }
    return LaneWorker { (lane) throws(RunError) in
      var hashes: [UInt64] = []
      hashes.reserveCapacity(rows(of: lane).count)
      try chunks.forEach(of: lane, progress) { (rows) throws(RunError) in
        hashes += try Self.hash(buffers, rows)
      }
      return hashes
    }
  }

  private static func hash(
    _ buffers: [RowBuffer], _ rows: Range<Int>
  ) throws(RunError) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: rows.count)
    for buffer in buffers {
      let values = try buffer.read(rows)
      for row in 0..<rows.count {
        let own = values[(row * buffer.width)..<((row + 1) * buffer.width)]
        result[row] = Digest.mix(result[row], Digest.of(UnsafeBufferPointer(rebasing: own)))
      }
    }
    return result
  }

  static func merge(_ all: inout [UInt64], _ next: consuming [UInt64]) { all += next }

  func accepts(_ partial: [UInt64], of lane: Int) -> Bool { partial.count == rows(of: lane).count }

  func write(to writer: inout ByteWriter) { writer.put(names) }

  init(_ run: Run, from reader: inout ByteReader) throws(RunError) {
    let names = try reader.value([String].self)
    guard let pass = try Self(run, names) else {
      throw .shard("rows of the pass", found: "too many", expected: "\(RowDigests.rowLimit)")
    }
    self = pass
  }
}
