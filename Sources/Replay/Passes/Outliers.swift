import Npy
import Runs

/// Samples of one array that lie far outside of the others.
public struct Outliers: Sendable {
  /// By column: median and robust standard deviation; the latter is 0 where more than half of the
  /// values are equal, and then the column has no outliers.
  public let columns: [(median: Double, deviation: Double)]
  /// Samples with a value more than `limit` robust deviations from the median of its column, and the
  /// column in which it is farthest; at most `listLimit`.
  public let samples: [(row: Int, column: Int, score: Double)]
  /// How many such samples there are.
  public let count: Int
  /// By column: the share of these samples in the sum of squared distances from the median.
  public let shares: [Double]

  /// Robust deviations beyond which a value is an outlier.
  public static let limit = 10.0
  /// The most samples that are listed.
  public static let listLimit = 64
  /// The most columns that are looked at.
  public static let columnLimit = 256
  /// About how many rows the sketches are fed.
  private static let sketchRows = 1 << 14
  private static let chunkRows = 4096

  /// Looks for outliers in an array of a run: quantiles by sketches of some rows, then every value.
  ///
  /// - Returns: nil when the array has too many columns, or too few rows to tell.
  /// - Throws: `RunError` when it cannot be read, or the caller cancels.
  public init?(
    _ run: Run, _ name: String, workers: Int = 0, executor: (any LaneExecutor)? = nil,
    progress: Progress = Progress()
  ) throws(RunError) {
    guard let array = run.data[name], array.rowLength > 0,
      array.rowLength <= Self.columnLimit, array.rows >= 20
    else { return nil }
    let columns = try Self.columns(array, progress)
    let found = try OutlierPass(array, name, columns, run.asOpened)
      .merged(workers: workers, executor: executor, progress: progress)
    self.columns = columns.map { ($0.median, $0.deviation) }
    samples = (found?.samples ?? []).map { ($0.row, $0.column, $0.score) }
    count = found?.count ?? 0
    shares = found.map { zip($0.far, $0.all).map { $1 > 0 ? $0 / $1 : 0 } } ?? []
  }

  /// Median and robust deviation of every column, of every so many rows.
  private static func columns(
    _ array: NpyArray, _ progress: Progress
  ) throws(RunError) -> [OutlierPass.Column] {
    let width = array.rowLength
    var sketches = [QuantileSketch](repeating: QuantileSketch(), count: width)
    let step = max(1, array.rows / sketchRows)
    let count = (array.rows + step - 1) / step
    let buffer = try RowBuffer(array, rows: chunkRows)
    for start in stride(from: 0, to: count, by: chunkRows) {
      try progress.check()
      let part = start..<min(count, start + chunkRows)
      let values = try step == 1 ? buffer.read(part) : buffer.read(part.map { $0 * step })
      for (index, value) in values.enumerated() { sketches[index % width].add(value) }
    }
    return sketches.map { sketch in
      let (median, deviation) = sketch.robust ?? (0, 0)
      return OutlierPass.Column(median: median, deviation: deviation)
    }
  }
}
