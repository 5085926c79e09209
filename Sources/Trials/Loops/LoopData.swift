import Npy
import Runs

/// All rows of a training in an order of their own, to play its loop on: the rows to train on, and
/// behind them the rows to judge by, which are some of the same.
struct LoopData: Sendable {
  /// The run on those rows.
  let run: Run
  /// How many rows are trained on.
  let trained: Int
  /// The rows to judge by.
  let judged: Range<Int>

  /// The most rows to judge by.
  private static let judgedLimit = 512
  /// The most values of all arrays to hold, in rows.
  private static let valueLimit = 1 << 24
  private static let mostAtOnce = 256
  /// Rows that are judged as one batch.
  private let chunk: Int

  /// - Parameters:
  ///   - needed: rows that the loop sees; no more are taken.
  ///   - seed: of the order of the rows; nil for their own.
  /// - Throws: `RunError.npy` when the data cannot be read.
  init(_ whole: Run, needed: Int, seed: UInt64?) throws(RunError) {
    let width = whole.data.values.reduce(0) { $0 + max(1, $1.rowLength) }
    let limit = max(whole.batchSize, min(needed, Self.valueLimit / max(1, width)))
    // The same rows for every seed, so that what follows from the order alone is told.
    var rows = whole.strata(limit, seed: 6)
    let judges = Self.spread(rows, Self.judgedLimit)
    if let seed {
      var random = FixedRandom(seed: 11 + seed)
      rows = random.permutation(rows.count).map { rows[$0] }
    }
    run = try whole.selecting(rows + judges)
    chunk = try whole.affordableAtOnce(Self.mostAtOnce)
    trained = rows.count
    judged = rows.count..<(rows.count + judges.count)
  }

  /// The validation data, to judge by alone; nil when there are none.
  ///
  /// - Throws: `RunError.npy` when they cannot be read.
  init?(validationOf whole: Run) throws(RunError) {
    guard let held = whole.onValidation else { return nil }
    let rows = Self.spread(Array(0..<held.samples), Self.judgedLimit)
    run = try held.selecting(rows)
    chunk = try held.affordableAtOnce(Self.mostAtOnce)
    trained = 0
    judged = 0..<rows.count
  }

  private static func spread(_ rows: [Int], _ limit: Int) -> [Int] {
    guard rows.count > limit else { return rows }
    return (0..<limit).map { rows[$0 * rows.count / limit] }
  }

  /// The rows of the batches, the last one maybe smaller.
  var batches: [Range<Int>] {
    let size = max(1, min(run.nominalBatch, trained))
    return stride(from: 0, to: trained, by: size).map { $0..<min($0 + size, trained) }
  }

  /// The loss on the rows to judge by.
  func judge(_ stepper: Stepper) throws(RunError) -> Double {
    var total = 0.0
    for start in stride(from: judged.lowerBound, to: judged.upperBound, by: chunk) {
      let part = start..<min(start + chunk, judged.upperBound)
      total += try stepper.dataLoss(part) * Double(part.count) / Double(judged.count)
    }
    return total
  }
}
