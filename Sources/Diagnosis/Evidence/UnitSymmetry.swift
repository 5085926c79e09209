import Replay

/// Finds units whose values are equal, such as the incoming weights of a layer's units.
enum UnitSymmetry {
  /// Groups of units with equal slices: each element within `tolerance` of the largest magnitude.
  /// Units that are alone are groups of one. Groups are in the order of their first unit.
  static func groups<Values: RandomAccessCollection>(
    _ values: Values, _ layout: UnitLayout, tolerance: Double = 1e-6
  ) -> [[Int]] where Values.Element: BinaryFloatingPoint, Values.Index == Int {
    let largest = values.reduce(0.0) { max($0, abs(Double($1))) }
    let limit = tolerance * largest
    // A unit is compared only with those whose weighted sum is near: equal units have equal sums.
    let sums = (0..<layout.units).map { sum(values, layout, $0) }
    let order = sums.indices.sorted { (sums[$0], $0) < (sums[$1], $1) }
    let reach = limit * Double(layout.outer * layout.inner) * 2
    var group = [Int](repeating: -1, count: layout.units)
    var groups: [[Int]] = []
    for (position, unit) in order.enumerated() where group[unit] < 0 {
      group[unit] = groups.count
      var members = [unit]
      for other in order[(position + 1)...] {
        guard sums[other] - sums[unit] <= reach else { break }
        if group[other] < 0, equal(values, layout, unit, other, limit) {
          group[other] = groups.count
          members.append(other)
        }
      }
      groups.append(members.sorted())
    }
    return groups.sorted { $0[0] < $1[0] }
  }

  private static func offset(_ layout: UnitLayout, _ unit: Int, _ index: Int) -> Int {
    (index / layout.inner * layout.units + unit) * layout.inner + index % layout.inner
  }

  private static func sum<Values: RandomAccessCollection>(
    _ values: Values, _ layout: UnitLayout, _ unit: Int
  ) -> Double where Values.Element: BinaryFloatingPoint, Values.Index == Int {
    var total = 0.0
    for index in 0..<(layout.outer * layout.inner) {
      // Weights of alternating size: a permutation of a slice seldom has the same sum.
      let weight = 1 + Double((index &* 2_654_435_761) & 0xFFFF) / 65_536
      total += weight * Double(values[values.startIndex + offset(layout, unit, index)])
    }
    return total
  }

  private static func equal<Values: RandomAccessCollection>(
    _ values: Values, _ layout: UnitLayout, _ a: Int, _ b: Int, _ limit: Double
  ) -> Bool where Values.Element: BinaryFloatingPoint, Values.Index == Int {
    (0..<(layout.outer * layout.inner)).allSatisfy { index in
      let x = Double(values[values.startIndex + offset(layout, a, index)])
      let y = Double(values[values.startIndex + offset(layout, b, index)])
      return abs(x - y) <= limit
    }
  }
}
