/// The figures of the elements of an array.
///
/// Least, greatest, mean and deviation are those of the finite values and absent without any. Least and
/// greatest are exact, mean and deviation are rounded to doubles.
public struct ElementFigures: Codable, Sendable, Equatable {
  /// Values that are neither NaN nor infinite.
  public var finite: Int
  /// The least finite value.
  public var minimum: Double?
  /// The same where a double does not hold it, and JSON has it in place of the other.
  public var exactMinimum: Int128?
  /// The index of the first such value in the file, one number a dimension.
  public var minimumIndex: [Int]?
  /// The greatest finite value.
  public var maximum: Double?
  /// The same where a double does not hold it, and JSON has it in place of the other.
  public var exactMaximum: Int128?
  /// The index of the first such value in the file, one number a dimension.
  public var maximumIndex: [Int]?
  /// The mean of the finite values.
  public var mean: Double?
  /// The standard deviation of the finite values, divided by their number as in `np.std`.
  public var deviation: Double?
  /// Values that are zero, of either sign.
  public var zeros: Int
  /// Values below zero, negative infinity included.
  public var negative: Int
  /// Values that are not a number.
  public var nan: Int
  /// Values that are positive infinity.
  public var positiveInfinity: Int
  /// Values that are negative infinity.
  public var negativeInfinity: Int
  /// Distinct values, all NaN being one; absent when there are more than 64.
  public var distinct: Int?
  /// Whether all elements have the same value.
  public var constant: Bool
  /// Quantiles of the finite values by their share, such as `0.25`, between neighbours as in
  /// `np.quantile`; absent unless asked for.
  public var quantiles: [String: Double]?

  enum CodingKeys: String, CodingKey {
    case finite
    case minimum = "min"
    case minimumIndex = "min_index"
    case maximum = "max"
    case maximumIndex = "max_index"
    case mean
    case deviation = "std"
    case zeros, negative, nan
    case positiveInfinity = "positive_infinity"
    case negativeInfinity = "negative_infinity"
    case distinct, constant, quantiles
  }

  /// Writes the figures; integers that no double holds are integers.
  ///
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(finite, forKey: .finite)
    try Self.encode(minimum, exactMinimum, .minimum, &container)
    try container.encodeIfPresent(minimumIndex, forKey: .minimumIndex)
    try Self.encode(maximum, exactMaximum, .maximum, &container)
    try container.encodeIfPresent(maximumIndex, forKey: .maximumIndex)
    try container.encodeIfPresent(mean, forKey: .mean)
    try container.encodeIfPresent(deviation, forKey: .deviation)
    try container.encode(zeros, forKey: .zeros)
    try container.encode(negative, forKey: .negative)
    try container.encode(nan, forKey: .nan)
    try container.encode(positiveInfinity, forKey: .positiveInfinity)
    try container.encode(negativeInfinity, forKey: .negativeInfinity)
    try container.encodeIfPresent(distinct, forKey: .distinct)
    try container.encode(constant, forKey: .constant)
    try container.encodeIfPresent(quantiles, forKey: .quantiles)
  }

  private static func encode(
    _ value: Double?, _ exact: Int128?, _ key: CodingKeys,
    _ container: inout KeyedEncodingContainer<CodingKeys>
  ) throws {
    if let exact, let signed = Int64(exactly: exact) {
      try container.encode(signed, forKey: key)
    } else if let exact, let unsigned = UInt64(exactly: exact) {
      try container.encode(unsigned, forKey: key)
    } else {
      try container.encodeIfPresent(value, forKey: key)
    }
  }
}

/// Finite values in bins of equal width.
///
/// Counts add up to all finite values. A value within 1/512 of the range from an edge may be counted
/// on its other side, because the range is not known until the last value has been read. Values that
/// differ by less than the smallest normal number of their type are not told apart.
public struct Histogram: Codable, Sendable, Equatable {
  /// The edges, one more than there are bins.
  public var edges: [Double]
  /// The values in each bin.
  public var counts: [Int]
}

/// The first columns of a matrix.
public struct Columns: Codable, Sendable, Equatable {
  /// Columns of the matrix.
  public var total: Int
  /// The figures of the first of them, in their order.
  public var shown: [ColumnFigures]
}

/// The figures of one column.
public struct ColumnFigures: Codable, Sendable, Equatable {
  /// The least finite value; absent without any.
  public var minimum: Double?
  /// The greatest finite value.
  public var maximum: Double?
  /// The mean of the finite values.
  public var mean: Double?
  /// Their standard deviation, divided by their number.
  public var deviation: Double?
  /// Values that are zero.
  public var zeros: Int
  /// Values that are not a number.
  public var nan: Int
  /// Values that are infinite.
  public var infinite: Int

  enum CodingKeys: String, CodingKey {
    case minimum = "min"
    case maximum = "max"
    case mean
    case deviation = "std"
    case zeros, nan
    case infinite = "inf"
  }
}
