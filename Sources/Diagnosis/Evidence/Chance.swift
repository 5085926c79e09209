import Glibc

/// How likely counts are that chance alone would give.
enum Chance {
  /// Below this, shared out over all columns that are looked at, chance is no explanation.
  static let unlikely = 1e-3

  /// The probability of at most so many successes in some trials.
  static func atMost(_ successes: Int, of trials: Int, probability: Double) -> Double {
    guard successes < trials else { return 1 }
    guard probability > 0 else { return 1 }
    guard probability < 1 else { return 0 }
    var total = 0.0
    for k in stride(from: successes, through: 0, by: -1) {
      let term = exp(logTerm(k, trials, probability))
      total += term
      if term < 1e-18 * total { break }
    }
    return min(1, total)
  }

  private static func logTerm(_ k: Int, _ n: Int, _ p: Double) -> Double {
    lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
      + Double(k) * log(p) + Double(n - k) * log(1 - p)
  }

  /// Whether two sets may hold as many rare events as they do by chance: given all events, how they
  /// fall to the two is binomial by their sizes.
  static func explains(
    _ first: Int, of firstTotal: Int, _ second: Int, of secondTotal: Int, columns: Int
  ) -> Bool {
    let all = first + second
    guard all > 0, firstTotal + secondTotal > 0 else { return true }
    let share = Double(secondTotal) / Double(firstTotal + secondTotal)
    let few = atMost(second, of: all, probability: share)
    let many = atMost(first, of: all, probability: 1 - share)
    return 2 * min(few, many) > unlikely / Double(max(1, columns))
  }
}
