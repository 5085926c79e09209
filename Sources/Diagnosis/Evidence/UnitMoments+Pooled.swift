import Replay

extension UnitMoments {
  /// The root mean square of all values of all units.
  var magnitude: Double {
    var power = 0.0
    var total = 0
    for unit in 0..<units where count[unit] > 0 {
      power += squares[unit] + mean[unit] * mean[unit] * Double(count[unit])
      total += count[unit]
    }
    return total > 0 ? (power / Double(total)).squareRoot() : 0
  }

  /// The standard deviation of all values around their units' means.
  var spread: Double {
    let total = count.reduce(0, +)
    return total > 0 ? (squares.reduce(0, +) / Double(total)).squareRoot() : 0
  }

  /// The mean of all values.
  var meanOfMeans: Double {
    let total = count.reduce(0, +)
    guard total > 0 else { return 0 }
    return (0..<units).reduce(0) { $0 + mean[$1] * Double(count[$1]) } / Double(total)
  }

  /// The smallest value of all units.
  var smallest: Double { Double(minimum.min() ?? .infinity) }

  /// The largest value of all units.
  var largest: Double { Double(maximum.max() ?? -.infinity) }
}
