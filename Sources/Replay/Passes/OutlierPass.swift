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
}

/// Looks for outliers in an array: quantiles by sketches of some rows, then every value.
public struct OutlierPass: Sendable {
  /// Robust deviations beyond which a value is an outlier.
  public static let limit = 10.0
  /// The most samples that are listed.
  public static let listLimit = 64
  /// The most columns that are looked at.
  public static let columnLimit = 256
  /// About how many rows the sketches are fed.
  static let sketchRows = 1 << 14
  private static let chunk = 4096

  private let array: NpyArray
  private let name: String
  private let home: Run?

  /// - Returns: nil when the array has too many columns, or too few rows to tell.
  public init?(_ run: Run, _ name: String) {
    guard let array = run.data[name], array.rowLength > 0,
      array.rowLength <= Self.columnLimit, array.rows >= 20
    else { return nil }
    self.array = array
    self.name = name
    home = run.asOpened
  }

  /// Reads some rows, and then all.
  ///
  /// - Throws: `RunError` when it cannot be read, or the caller cancels.
  public func run(
    workers: Int = 0, executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) -> Outliers {
    let columns = try sketched(progress)
    let lanes = OutlierLanes(array, name, columns, home)
    let found = try Lanes.map(lanes, workers: workers, executor: executor, progress: progress)
    return Outliers(
      columns: columns.map { ($0.median, $0.deviation) },
      samples: (found?.samples ?? []).map { ($0.row, $0.column, $0.score) },
      count: found?.count ?? 0,
      shares: found.map { zip($0.far, $0.all).map { $1 > 0 ? $0 / $1 : 0 } } ?? [])
  }

  /// Median and robust deviation of every column, of every so many rows.
  private func sketched(_ progress: Progress) throws(RunError) -> [OutlierLanes.Column] {
    let width = array.rowLength
    var sketches = [QuantileSketch](repeating: QuantileSketch(), count: width)
    let step = max(1, array.rows / Self.sketchRows)
    let count = (array.rows + step - 1) / step
    let block = FloatBlock(Self.chunk * width)
    for start in stride(from: 0, to: count, by: Self.chunk) {
      try progress.check()
      let part = start..<min(count, start + Self.chunk)
      let buffer = UnsafeMutableBufferPointer(rebasing: block.buffer[..<(part.count * width)])
      do throws(NpyError) {
        if step == 1 {
          try array.read(rows: part, into: buffer)
        } else {
          try array.read(rows: part.map { $0 * step }, into: buffer)
        }
      } catch { throw .npy(error) }
      for (index, value) in buffer.enumerated() { sketches[index % width].add(value) }
    }
    return sketches.map { sketch in
      let (median, deviation) = sketch.robust ?? (0, 0)
      return OutlierLanes.Column(median: median, deviation: deviation)
    }
  }
}
