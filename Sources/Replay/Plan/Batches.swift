import Operators
import Runs

/// How the rows of a run are cut into the batches of a replay, and these into lanes.
///
/// Where samples cannot influence each other the cut is free, and batches have a size that fits a
/// cache; else they are the run's own. Neither depends on the number of workers.
public struct Batches: Sendable {
  /// Rows of the data.
  public let samples: Int
  /// Rows of the training's own batches.
  public let logical: Int
  /// Rows of a batch of the whole run, of which this may be a subsample.
  let nominal: Int
  /// The rows of every batch of the replay, in order.
  public let ranges: BatchRanges
  /// Consecutive batches that one worker replays in order; lanes are merged in order.
  public let lanes: [Range<Int>]

  /// As many lanes as there are batches for, up to here: enough for the cores of a machine.
  static let laneLimit = 64
  /// Beyond, one lane for so many batches: enough for a cluster …
  static let longLane = 1024
  /// … and never more than this, so that what all lanes give fits on one machine.
  static let farLaneLimit = 4096
  /// At least this many batches a lane where there are enough, so that merging stays cheap …
  static let laneLength = 4
  /// … and twice as many once that gives more lanes than this.
  static let shortLaneLimit = 16
  /// Rows of a free batch: enough for a matrix product at full speed.
  static let preferredRows = 256
  /// The most bytes of values that a free batch should hold.
  static let preferredBytes = 32 << 20
  /// The most rows of a batch whose loss compares every row with every other.
  static let mixedLimit = 4096

  /// Cuts the rows of a run.
  ///
  /// - Throws: `RunError` when the shapes of the run do not fit.
  public init(_ run: Run) throws(RunError) {
    let probe = try Plan(run, rows: min(run.batchSize, 64))
    let couples = probe.couplings.contains { $0 == .mixed || $0 == .whole }
    let free = probe.keepsSamples && !couples
    let logical = run.batchSize
    let cut: (rows: Int, inside: Int)
    if free {
      let weighted = zip(run.losses, probe.couplings).contains { $0.mean && $1 == .weighted }
      let floats = probe.operands.reduce(0) { $0 + ($1.batched ? $1.shape.count : 0) }
      let bytes = max(1, 8 * floats / max(1, probe.rows))
      let rows = max(8, min(Self.preferredRows, Self.preferredBytes / bytes))
      let inside = weighted ? logical : run.samples
      // As even as whole numbers allow: a last batch of other rows needs a layout of its own.
      let parts = max(1, (inside + rows - 1) / rows)
      cut = ((inside + parts - 1) / parts, inside)
    } else {
      // Pairs of all rows may be cut; a number of the whole batch may not.
      let mixed = probe.couplings.contains(.mixed) && !probe.couplings.contains(.whole)
      cut = (mixed ? min(logical, Self.mixedLimit) : logical, logical)
    }
    ranges = BatchRanges(samples: run.samples, rows: cut.rows, inside: cut.inside)
    samples = run.samples
    self.logical = logical
    nominal = run.nominalBatch
    lanes = Self.lanes(ranges.count)
  }

  /// Consecutive groups of batches, as even as whole numbers allow.
  static func lanes(_ batches: Int) -> [Range<Int>] {
    let limit = min(farLaneLimit, max(laneLimit, batches / longLane))
    let short = min(shortLaneLimit, batches / laneLength)
    let count = min(limit, max(min(batches, 2), short, batches / (2 * laneLength)))
    return (0..<count).map { (batches * $0 / count)..<(batches * ($0 + 1) / count) }
  }

  /// The rows of the training's own batch around a row.
  public func logicalBatch(around row: Int) -> Range<Int> {
    let start = row / max(1, logical) * max(1, logical)
    return start..<min(start + max(1, logical), samples)
  }
}
