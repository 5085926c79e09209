/// The learning rate over the updates of a training: known at a few of them, and held or drawn as a
/// line in between.
///
/// A group with a learning rate of its own has it changed by the same factor: `rate(at:)` over the
/// optimizer's `learningRate`.
public struct Schedule: Sendable, Equatable {
  /// The most knots that run.json may give.
  public static let knotLimit = 512

  /// The updates at which the rate is known, counted from 0 and rising; the first is 0.
  public let updates: [Int]
  /// The rate at each of them, finite and not negative.
  public let rates: [Double]
  /// Whether the rate goes in a line from knot to knot; else it holds until the next one. The last
  /// one holds either way.
  public let isLinear: Bool

  /// A schedule from its knots; nil when they are none, of different number, out of order or not
  /// rates.
  public init?(updates: [Int], rates: [Double], isLinear: Bool) {
    guard updates.first == 0, updates.count == rates.count,
      zip(updates, updates.dropFirst()).allSatisfy({ $0 < $1 }),
      rates.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { return nil }
    self.updates = updates
    self.rates = rates
    self.isLinear = isLinear
  }

  /// The rate of an update, counted from 0.
  public func rate(at update: Int) -> Double {
    // The number of knots at or before the update.
    var (low, high) = (0, updates.count)
    while low < high {
      let middle = (low + high) / 2
      if updates[middle] <= update { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return rates[0] }
    guard isLinear, low < updates.count else { return rates[low - 1] }
    let passed = Double(update - updates[low - 1]) / Double(updates[low] - updates[low - 1])
    return rates[low - 1] + (rates[low] - rates[low - 1]) * passed
  }
}
