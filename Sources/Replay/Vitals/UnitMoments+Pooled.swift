extension UnitMoments {
  /// The moments of groups of units, as if the values of a group had been one unit's.
  ///
  /// - Parameters:
  ///   - groups: how many there are.
  ///   - group: the group of a unit, from 0 to `groups` − 1.
  public func pooled(groups: Int, _ group: (Int) -> Int) -> UnitMoments {
    var result = UnitMoments(units: groups)
    for unit in 0..<units where count[unit] > 0 || nonFinite[unit] > 0 {
      let to = group(unit)
      guard (0..<groups).contains(to) else { continue }
      let (a, b) = (Double(result.count[to]), Double(count[unit]))
      if b > 0 {
        let difference = mean[unit] - result.mean[to]
        result.mean[to] += difference * b / (a + b)
        result.squares[to] += squares[unit] + difference * difference * a * b / (a + b)
      }
      result.count[to] += count[unit]
      result.minimum[to] = min(result.minimum[to], minimum[unit])
      result.maximum[to] = max(result.maximum[to], maximum[unit])
      result.zeros[to] += zeros[unit]
      result.below[to] += below[unit]
      result.above[to] += above[unit]
      result.nonFinite[to] += nonFinite[unit]
    }
    result.firstNonFinite = firstNonFinite
    return result
  }
}
