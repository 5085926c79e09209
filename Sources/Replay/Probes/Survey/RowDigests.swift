import Npy

/// A hash of every row of some arrays taken together: equal rows have equal hashes, and two rows that
/// differ share one with probability 2⁻⁶⁴.
public struct RowDigests: Sendable {
  /// The most rows that are hashed one by one.
  public static let rowLimit = 1 << 20
  private static let chunkBytes = 1 << 20

  /// By row.
  public let values: [UInt64]

  /// Hashes that are known already.
  init(values: [UInt64]) { self.values = values }

  /// Hashes all rows; nil when there are more than `rowLimit`, or no arrays.
  ///
  /// - Throws: `ReplayError` when an array cannot be read, or the caller cancels.
  public init?(
    _ arrays: [NpyArray], workers: Int = 0, progress: Progress = Progress()
  ) throws(ReplayError) {
    guard let rows = arrays.first?.rows, rows <= Self.rowLimit,
      arrays.allSatisfy({ $0.rows == rows })
    else { return nil }
    let widest = max(1, arrays.map(\.rowLength).max() ?? 1)
    let chunk = max(1, min(4096, Self.chunkBytes / (4 * widest)))
    let lanes = Batches.lanes((rows + chunk - 1) / chunk)
    progress.begin("duplicates", total: lanes.count)
    let parts = try Lanes.map(
      lanes.count, workers: workers, progress: progress,
      { () throws(ReplayError) in
        LaneWorker { (lane) throws(ReplayError) in
          var part: [UInt64] = []
          part.reserveCapacity(lanes[lane].count * chunk)
          for index in lanes[lane] where !progress.isStopped {
            let range = index * chunk..<min(rows, (index + 1) * chunk)
            part += try Self.hash(arrays, range)
          }
          return part
        }
      },
      merge: { $0 += $1 })
    values = parts ?? []
  }

  private static func hash(
    _ arrays: [NpyArray], _ rows: Range<Int>
  ) throws(ReplayError) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: rows.count)
    for array in arrays {
      let width = array.rowLength
      let block = FloatBlock(rows.count * width)
      let buffer = UnsafeMutableBufferPointer(rebasing: block.buffer[..<(rows.count * width)])
      do throws(NpyError) { try array.stream(rows: rows, into: buffer) } catch { throw .npy(error) }
      for row in 0..<rows.count {
        let values = UnsafeBufferPointer(rebasing: buffer[(row * width)..<((row + 1) * width)])
        result[row] = Digest.mix(result[row], Digest.of(values))
      }
    }
    return result
  }

  /// Rows with equal hashes, in groups of two or more, in the order of their first rows.
  public var groups: [[Int]] {
    var result: [[Int]] = []
    forEachRun { if $0.count > 1 { result.append($0.map { Int($0) }) } }
    return result.sorted { $0[0] < $1[0] }
  }

  /// The first row of every group of equal ones, rows without copies among them, in order.
  var firsts: [Int] {
    var result: [Int] = []
    forEachRun { if let first = $0.first { result.append(Int(first)) } }
    return result.sorted()
  }

  /// How many different rows there are.
  public var distinct: Int {
    var count = 0
    forEachRun { _ in count += 1 }
    return count
  }

  /// Calls `body` with all rows of one hash, in order. Sorted places take a tenth of the memory of a
  /// table of groups.
  private func forEachRun(_ body: (ArraySlice<UInt32>) -> Void) {
    let order = values.indices.map { UInt32($0) }.sorted {
      (values[Int($0)], $0) < (values[Int($1)], $1)
    }
    var start = 0
    for end in stride(from: 1, through: order.count, by: 1) {
      let isLast = end == order.count || values[Int(order[end])] != values[Int(order[start])]
      if isLast {
        body(order[start..<end])
        start = end
      }
    }
  }
}
