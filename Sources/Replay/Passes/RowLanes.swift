import Npy
import Runs

/// The pass that hashes rows.
struct RowLanes: LanePass {
  private static let chunkBytes = 1 << 20

  private let names: [String]
  private let arrays: [NpyArray]
  private let rowCount: Int
  private let chunk: Int
  private let lanes: [Range<Int>]
  let home: Run?

  /// - Returns: nil when there are more rows than `RowDigests.rowLimit`, or no arrays.
  init?(_ run: Run, _ names: [String]) throws(RunError) {
    let arrays = try run.arrays(names, validation: false)
    guard let rows = arrays.first?.rows, rows <= RowDigests.rowLimit,
      arrays.allSatisfy({ $0.rows == rows })
    else { return nil }
    self.names = names
    self.arrays = arrays
    rowCount = rows
    let widest = max(1, arrays.map(\.rowLength).max() ?? 1)
    chunk = max(1, min(4096, Self.chunkBytes / (4 * widest)))
    lanes = Batches.lanes((rows + chunk - 1) / chunk)
    home = run.asOpened
  }

  static var kind: PassKind { .rows }
  var stage: String { "duplicates" }
  var laneCount: Int { lanes.count }
  var reads: (names: [String], validation: Bool) { (names, false) }

  func rows(of lane: Int) -> Range<Int> {
    lanes[lane].lowerBound * chunk..<min(rowCount, lanes[lane].upperBound * chunk)
  }

  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<[UInt64]> {
    LaneWorker { (lane) throws(RunError) in
      var part: [UInt64] = []
      part.reserveCapacity(lanes[lane].count * chunk)
      for index in lanes[lane] where !progress.isStopped {
        let range = index * chunk..<min(rowCount, (index + 1) * chunk)
        part += try Self.hash(arrays, range)
      }
      return part
    }
  }

  static func merge(_ all: inout [UInt64], _ next: consuming [UInt64]) { all += next }

  func accepts(_ partial: [UInt64], of lane: Int) -> Bool { partial.count == rows(of: lane).count }

  func write(to writer: inout ByteWriter) { writer.put(names) }

  init(_ run: Run, from reader: inout ByteReader) throws(RunError) {
    let names = try reader.value([String].self)
    guard let lanes = try Self(run, names) else {
      throw .shard("rows of the pass", found: "too many", expected: "\(RowDigests.rowLimit)")
    }
    self = lanes
  }

  private static func hash(
    _ arrays: [NpyArray], _ rows: Range<Int>
  ) throws(RunError) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: rows.count)
    for array in arrays {
      let width = array.rowLength
      let block = FloatBlock(rows.count * width)
      let buffer = UnsafeMutableBufferPointer(rebasing: block.buffer[..<(rows.count * width)])
      do throws(NpyError) { try array.read(rows: rows, into: buffer) } catch { throw .npy(error) }
      for row in 0..<rows.count {
        let values = UnsafeBufferPointer(rebasing: buffer[(row * width)..<((row + 1) * width)])
        result[row] = Digest.mix(result[row], Digest.of(values))
      }
    }
    return result
  }
}
