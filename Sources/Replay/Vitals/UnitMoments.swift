import Tensors

/// What is measured of a layer's units over all samples: moments by Chan's parallel update in
/// double (Chan, Golub & LeVeque 1983), extremes, and exact counts. Values that are not finite are
/// counted and left out of everything else.
public struct UnitMoments: Sendable {
  /// Finite values seen, by unit.
  public internal(set) var count: [Int]
  /// Their mean.
  public internal(set) var mean: [Double]
  /// The sum of their squared deviations from the mean.
  public internal(set) var squares: [Double]
  /// The smallest; +infinity when there is none.
  public internal(set) var minimum: [Float]
  /// The largest; −infinity when there is none.
  public internal(set) var maximum: [Float]
  /// How many are exactly zero.
  public internal(set) var zeros: [Int]
  /// How many lie where the activation that follows is flat: at or below its lower bound.
  public internal(set) var below: [Int]
  /// The same at or above its upper bound.
  public internal(set) var above: [Int]
  /// Values that are not finite.
  public internal(set) var nonFinite: [Int]
  /// The first sample with such a value.
  public internal(set) var firstNonFinite: Int?

  /// Nothing seen of so many units.
  public init(units: Int) {
    count = .init(repeating: 0, count: units)
    mean = .init(repeating: 0, count: units)
    squares = .init(repeating: 0, count: units)
    minimum = .init(repeating: .infinity, count: units)
    maximum = .init(repeating: -.infinity, count: units)
    zeros = .init(repeating: 0, count: units)
    below = .init(repeating: 0, count: units)
    above = .init(repeating: 0, count: units)
    nonFinite = .init(repeating: 0, count: units)
  }

  /// How many units.
  public var units: Int { count.count }

  /// The variance of a unit over all samples and positions.
  public func variance(_ unit: Int) -> Double {
    count[unit] > 0 ? squares[unit] / Double(count[unit]) : 0
  }

  /// What one batch gave of one unit.
  struct Part {
    var count = 0
    var mean = 0.0
    var squares = 0.0
    var minimum = Float.infinity
    var maximum = -Float.infinity
    var zeros = 0
    var below = 0
    var above = 0
    var nonFinite = 0
  }

  /// Adds what was seen of one unit elsewhere, in later samples.
  mutating func merge(_ part: Part, into unit: Int) {
    let total = count[unit] + part.count
    if part.count > 0 {
      let share = Double(part.count) / Double(total)
      let delta = part.mean - mean[unit]
      mean[unit] += delta * share
      squares[unit] += part.squares + delta * delta * Double(count[unit]) * share
      count[unit] = total
      minimum[unit] = min(minimum[unit], part.minimum)
      maximum[unit] = max(maximum[unit], part.maximum)
    }
    zeros[unit] += part.zeros
    below[unit] += part.below
    above[unit] += part.above
    nonFinite[unit] += part.nonFinite
  }

  /// Adds what was seen in later samples.
  mutating func merge(_ other: UnitMoments) {
    for unit in 0..<units {
      merge(
        Part(
          count: other.count[unit], mean: other.mean[unit], squares: other.squares[unit],
          minimum: other.minimum[unit], maximum: other.maximum[unit], zeros: other.zeros[unit],
          below: other.below[unit], above: other.above[unit], nonFinite: other.nonFinite[unit]),
        into: unit)
    }
    firstNonFinite = firstNonFinite ?? other.firstNonFinite
  }
}
