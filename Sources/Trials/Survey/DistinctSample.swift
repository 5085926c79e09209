import Replay
import Runs

/// Some samples of a run without copies, as a table with its nearest neighbours.
public struct DistinctSample: Sendable {
  /// The most samples.
  static let rows = 512

  /// The run on these samples alone.
  let run: Run
  let table: SampleTable
  /// The mean of five nearest neighbours; nil for fewer than 20 samples.
  let near: Smoother?
  /// Whether they are all samples, and every combination of the inputs' values once.
  let isComplete: Bool

  /// - Parameter duplicates: copies among the samples, which are left out.
  /// - Returns: nil when they make no table.
  /// - Throws: `RunError.npy` when the data cannot be read.
  init?(_ whole: Run, _ duplicates: Duplicates?) throws(RunError) {
    let rows = try whole.affordable(Self.rows)
    run = try whole.distinctSample(rows, duplicates)
    guard let table = try SampleTable(run) else { return nil }
    self.table = table
    near =
      table.samples < 20
      ? nil
      : Smoother.neighbours(table.features, samples: table.samples, width: table.width, k: 5)
    isComplete = whole.samples <= rows && Capacity.isComplete(table)
  }

  /// Whether the targets of a loss hold other values than those of an event that is there or not.
  public func hasSoftTargets(_ loss: Int) -> Bool {
    guard table.targets.indices.contains(loss), let targets = table.targets[loss] else {
      return false
    }
    return targets.values.contains { $0 != 0 && abs($0) != 1 }
  }
}

extension Run {
  /// The same run on at most `limit` rows that are no copies of others.
  func distinctSample(_ limit: Int, _ duplicates: Duplicates?) throws(RunError) -> Run {
    guard let rows = duplicates?.firsts else { return try subsample(limit) }
    return try selecting(rows.count > limit ? Self.spread(rows, limit) : rows)
  }

  private static func spread(_ rows: [Int], _ limit: Int) -> [Int] {
    (0..<limit).map { rows[$0 * rows.count / limit] }
  }
}
