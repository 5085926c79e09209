import Runs

/// What is measured of one array of the data: columns are features or target columns.
public struct ArrayVitals: Sendable {
  /// The name in `data`.
  public let name: String
  /// Rows, and the lengths of one row.
  public let shape: [Int]
  /// One unit per column of a flattened row; one for all when a row has more than
  /// `DataPass.columnLimit` elements.
  public internal(set) var columns: UnitMoments
  /// By column: the first sample with the smallest value.
  public internal(set) var smallestSample: [Int]
  /// The same for the largest.
  public internal(set) var largestSample: [Int]
  /// How often each value occurs, when the array has one column of at most
  /// `DataPass.labelLimit` different values; else nil.
  public internal(set) var labels: [Float: Int]?
  /// A hash of all values, in order.
  public internal(set) var digest: UInt64

  /// Whether every row element has a column of its own.
  public var hasColumns: Bool { columns.units == shape.dropFirst().reduce(1, *) }

  /// The largest range of a column: maximum − minimum.
  public var largestRange: Double {
    (0..<columns.units).map { Double(columns.maximum[$0]) - Double(columns.minimum[$0]) }
      .filter(\.isFinite).max() ?? 0
  }

  mutating func merge(_ other: ArrayVitals) {
    for column in smallestSample.indices {
      if other.columns.minimum[column] < columns.minimum[column] {
        smallestSample[column] = other.smallestSample[column]
      }
      if other.columns.maximum[column] > columns.maximum[column] {
        largestSample[column] = other.largestSample[column]
      }
    }
    columns.merge(other.columns)
    if let more = other.labels {
      labels?.merge(more, uniquingKeysWith: +)
      if (labels?.count ?? 0) > DataPass.labelLimit { labels = nil }
    } else {
      labels = nil
    }
    digest = Digest.mix(digest, other.digest)
  }
}

/// What is measured of all arrays of a data set.
public struct DataVitals: Sendable {
  /// By name.
  public internal(set) var arrays: [String: ArrayVitals]

  mutating func merge(_ other: DataVitals) {
    for (name, more) in other.arrays { arrays[name]?.merge(more) }
  }
}
