import Glibc

/// Quantiles of many numbers in little memory, within 0.8 % of their value: counts by the leading bits
/// of a float32, which are buckets of equal relative width (as in Masson, Rim & Lee, DDSketch, 2019,
/// arXiv:1908.10693). Sketches of parts of the data add up to that of the whole.
public struct QuantileSketch: Sendable {
  /// Bits that are left out: 16 leave the sign, the exponent and 7 bits of the mantissa.
  private static let shift = 16
  /// By bucket, in the order of the numbers: how many.
  private var counts: [UInt16: Int] = [:]
  /// How many numbers were counted.
  public private(set) var count = 0

  /// An empty sketch.
  public init() {}

  /// Counts one number; NaN is left out.
  public mutating func add(_ value: Float) {
    guard !value.isNaN else { return }
    counts[Self.bucket(value), default: 0] += 1
    count += 1
  }

  /// Adds what another sketch has counted.
  public mutating func merge(_ other: QuantileSketch) {
    counts.merge(other.counts, uniquingKeysWith: +)
    count += other.count
  }

  /// The median, and the median of the distances from it times 1.4826, which for a normal
  /// distribution is its standard deviation; nil when nothing was counted.
  public var robust: (median: Double, deviation: Double)? {
    guard count > 0 else { return nil }
    let sorted = counts.sorted { $0.key < $1.key }.map { (Self.middle($0.key), $0.value) }
    let median = Self.median(sorted, of: count)
    let distances = sorted.map { (abs($0.0 - median), $0.1) }.sorted { $0.0 < $1.0 }
    return (median, 1.4826 * Self.median(distances, of: count))
  }

  private static func median(_ sorted: [(Double, Int)], of count: Int) -> Double {
    var below = 0
    for (value, number) in sorted {
      below += number
      if 2 * below >= count { return value }
    }
    return sorted.last?.0 ?? 0
  }

  /// Floats in an order of their own as integers: negative ones turned round.
  private static func bucket(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    return UInt16((bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits) >> UInt32(shift))
  }

  private static func middle(_ bucket: UInt16) -> Double {
    let high = UInt32(bucket) << UInt32(shift) | 0x8000
    let bits = high >> 31 == 1 ? high & 0x7FFF_FFFF : ~high
    let value = Double(Float(bitPattern: bits))
    // The bucket of zero itself has a middle of 1e-41 or so.
    return abs(value) < 1e-38 ? 0 : value
  }
}
