import Npy

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
  private static let chunk = 1024

  private let array: NpyArray

  /// - Returns: nil when the array has too many columns, or too few rows to tell.
  public init?(_ array: NpyArray) {
    guard array.rowLength > 0, array.rowLength <= Self.columnLimit, array.rows >= 20 else {
      return nil
    }
    self.array = array
  }

  /// Reads some rows, and then all.
  ///
  /// - Throws: `ReplayError` when it cannot be read, or the caller cancels.
  public func run(progress: Progress = Progress()) throws(ReplayError) -> Outliers {
    let width = array.rowLength
    var sketches = [QuantileSketch](repeating: QuantileSketch(), count: width)
    let step = max(1, array.rows / Self.sketchRows)
    try forEachRow(progress, step: step) { _, values in
      for column in 0..<width { sketches[column].add(values[column]) }
    }
    let columns = sketches.map { $0.robust ?? (0, 0) }
    var far = [Double](repeating: 0, count: width)
    var all = far
    var samples: [(row: Int, column: Int, score: Double)] = []
    var count = 0
    try forEachRow(progress) { row, values in
      var worst = (column: 0, score: 0.0)
      for column in 0..<width {
        let distance = abs(Double(values[column]) - columns[column].median)
        guard distance.isFinite else { continue }
        all[column] += distance * distance
        guard columns[column].deviation > 0 else { continue }
        let score = distance / columns[column].deviation
        if score > Self.limit { far[column] += distance * distance }
        if score > worst.score { worst = (column, score) }
      }
      guard worst.score > Self.limit else { return }
      count += 1
      if samples.count < Self.listLimit { samples.append((row, worst.column, worst.score)) }
    }
    return Outliers(
      columns: columns, samples: samples, count: count,
      shares: zip(far, all).map { $1 > 0 ? $0 / $1 : 0 })
  }

  /// Calls `body` with every row, or every so many.
  private func forEachRow(
    _ progress: Progress, step: Int = 1, _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws(ReplayError) {
    let width = array.rowLength
    let block = FloatBlock(Self.chunk * width)
    let count = (array.rows + step - 1) / step
    var start = 0
    while start < count, !progress.isCancelled {
      let part = start..<min(count, start + Self.chunk)
      let buffer = UnsafeMutableBufferPointer(rebasing: block.buffer[..<(part.count * width)])
      do throws(NpyError) {
        if step == 1 {
          try array.stream(rows: part, into: buffer)
        } else {
          try array.stream(rows: part.map { $0 * step }, into: buffer)
        }
      } catch { throw .npy(error) }
      for index in part {
        let at = (index - start) * width
        body(index * step, UnsafeBufferPointer(rebasing: buffer[at..<(at + width)]))
      }
      start = part.upperBound
    }
  }
}
