import Runs

/// A hash of every row of some arrays taken together: equal rows have equal hashes, and two rows that
/// differ share one with probability 2⁻⁶⁴.
public struct RowDigests: Sendable {
  /// The most rows that are hashed one by one.
  public static let rowLimit = 1 << 20

  /// By row.
  public let values: [UInt64]

  /// Hashes that are known already.
  init(values: [UInt64]) { self.values = values }

  /// Hashes all rows of some data of a run; nil when there are more than `rowLimit`, or no arrays.
  ///
  /// - Throws: `RunError` when an array cannot be read, or the caller cancels.
  init?(
    _ run: Run, _ names: [String], workers: Int = 0, executor: (any LaneExecutor)? = nil,
    progress: Progress = Progress()
  ) throws(RunError) {
    guard let pass = try RowPass(run, names) else { return nil }
    values = try pass.merged(workers: workers, executor: executor, progress: progress) ?? []
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
