import Diagnosis
import Glibc

/// Values along one side of a chart, and where they are drawn.
struct Scale {
  /// How values are laid out.
  enum Kind {
    case linear
    case logarithmic
    /// Logarithmic on both sides of zero, linear within a unit of it.
    case symmetric(unit: Double)
  }

  let kind: Kind
  let low: Double
  let high: Double
  /// Where the lowest and the highest value are.
  let from: Double
  let to: Double

  /// A scale over some values; those that are not finite are left out.
  ///
  /// - Parameter isLogarithmic: what it should be; nil to decide by the spread of the values.
  init(
    _ values: [Double], isLogarithmic: Bool? = nil, from: Double, to: Double,
    withZero: Bool = false,
    padded: Bool = false
  ) {
    let finite = values.filter(\.isFinite)
    let positive = finite.filter { $0 > 0 }
    let (least, most) = (positive.min() ?? 1, finite.max() ?? 1)
    let isLog =
      isLogarithmic ?? (positive.count == finite.count && !finite.isEmpty && most / least > 30)
    var low = isLog ? least : finite.min() ?? 0
    var high = isLog ? max(most, least) : most
    if withZero, !isLog { low = min(low, 0) }
    if low == high {
      (low, high) =
        isLog ? (low / 2, high * 2) : (low - max(0.5, abs(low) / 2), high + max(0.5, abs(high) / 2))
    }
    kind = isLog ? .logarithmic : .linear
    // A line at the edge would lie on the frame.
    let margin = isLog ? pow(high / low, 0.04) : (high - low) * 0.04
    if padded {
      high = isLog ? high * margin : high + margin
      if isLog { low /= margin } else if low != 0 || !withZero { low -= margin }
    }
    (self.low, self.high, self.from, self.to) = (low, high, from, to)
  }

  /// A symmetric scale.
  init(symmetric values: [Double], from: Double, to: Double) {
    let finite = values.filter(\.isFinite)
    let sizes = finite.map(abs).filter { $0 > 0 }
    let largest = sizes.max() ?? 1
    kind = .symmetric(unit: max(sizes.min() ?? 1, largest * 1e-6))
    // A mark at the edge would be cut off.
    low = min((finite.min() ?? 0) * 1.5, 0)
    high = max((finite.max() ?? 0) * 1.5, low == 0 ? 1e-300 : 0)
    (self.from, self.to) = (from, to)
  }

  /// Where a value is; beyond the ends it is at the end.
  func at(_ value: Double) -> Double {
    let (a, b, v) = (place(low), place(high), place(min(max(value, low), high)))
    guard value.isFinite, b > a else { return value > 0 ? to : from }
    return from + (to - from) * (v - a) / (b - a)
  }

  private func place(_ value: Double) -> Double {
    switch kind {
    case .linear: value
    case .logarithmic: log10(max(value, 1e-300))
    case .symmetric(let unit): asinh(value / unit)
    }
  }

  /// Values to write at the side, about as many as asked for.
  func ticks(_ count: Int) -> [Double] {
    switch kind {
    case .linear: return Self.even(low, high, count)
    case .logarithmic:
      let (first, last) = (Int(log10(low).rounded(.up)), Int(log10(high).rounded(.down)))
      guard last > first else { return Self.even(low, high, count) }
      let step = max(1, (last - first + count - 1) / count)
      return stride(from: first, through: last, by: step).map { pow(10, Double($0)) }
    case .symmetric: return symmetricTicks(count)
    }
  }

  private func symmetricTicks(_ count: Int) -> [Double] {
    guard case .symmetric(let unit) = kind else { return [] }
    let sides = (low < 0 ? 1 : 0) + (high > 0 ? 1 : 0)
    var result = [0.0]
    for (end, sign) in [(low, -1.0), (high, 1.0)] where end != 0 {
      let (first, last) = (log10(unit).rounded(.up), log10(abs(end)).rounded(.down))
      let step = max(1, ((last - first) * Double(sides) / Double(count)).rounded(.up))
      for power in stride(from: last, through: first, by: -step) {
        result.append(sign * pow(10, power))
      }
    }
    return result.sorted()
  }

  private static func even(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
    let rough = (high - low) / Double(max(1, count))
    guard rough > 0, rough.isFinite else { return [low] }
    let power = pow(10, log10(rough).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
    let first = (low / step).rounded(.up)
    return (0...count + 1).map { (first + Double($0)) * step }.filter { $0 <= high + step * 1e-9 }
  }
}
