/// A sum in twice the precision of a double.
struct DoubleDouble: Equatable {
  var high = 0.0
  var low = 0.0

  mutating func add(_ value: Double) {
    let sum = high + value
    let part = sum - high
    low += (high - (sum - part)) + (value - part)
    high = sum
  }

  /// Adds the square of a number.
  mutating func add(squareOf value: Double) {
    let square = value * value
    add(square)
    low += (-square).addingProduct(value, value)
  }

  mutating func add(_ other: DoubleDouble) {
    add(other.high)
    low += other.low
  }

  var value: Double { high + low }
}

/// Mean and deviation of some numbers where plain sums lose them: numbers that cancel, that lie closer
/// together than sums of them can tell, or whose squares a double does not hold.
struct CarefulMoments {
  private let exponent: Int
  private let shift: Double
  private var count = 0
  private var sum = DoubleDouble()
  private var squares = DoubleDouble()

  /// - Parameters:
  ///   - low: the least of the numbers.
  ///   - high: the greatest.
  init(from low: Double, to high: Double) {
    let size = max(low.magnitude, high.magnitude)
    exponent = size > 0 ? Int(size.exponent) : 0
    let first = Self.scaled(low, -exponent)
    let last = Self.scaled(high, -exponent)
    shift = last - first < 0.5 ? first : 0
  }

  /// Whether the figures of plain sums over such numbers may be wrong in digits that are shown.
  static func areNeeded(_ figures: Figures) -> Bool {
    guard figures.moments.count > 1, figures.minimum < figures.maximum else { return false }
    let size = max(figures.minimum.magnitude, figures.maximum.magnitude)
    let deviation = figures.moments.deviation
    // Squares leave the range of a double long before their numbers do.
    if !(0x1p-480...0x1p500).contains(size) || !deviation.isFinite { return true }
    return figures.moments.mean.magnitude < 0x1p-30 * size || deviation < 0x1p-36 * size
  }

  mutating func add(_ value: Double) {
    guard value.isFinite else { return }
    let distance = Self.scaled(value, -exponent) - shift
    count += 1
    sum.add(distance)
    squares.add(squareOf: distance)
  }

  var moments: (mean: Double, deviation: Double) {
    let number = Double(max(1, count))
    let (high, low) = (sum.high + sum.low, sum.low - ((sum.high + sum.low) - sum.high))
    let quotient = high / number
    let error = (high.addingProduct(-quotient, number) + low) / number
    var mean = DoubleDouble(high: shift)
    mean.add(quotient)
    mean.add(error)
    // The squares less the sum times the mean, in twice the precision.
    let product = high * quotient
    let missing = (-product).addingProduct(high, quotient) + high * error + low * quotient
    let spread = (squares.high - product) + (squares.low - missing)
    let deviation = (max(0, spread) / number).squareRoot()
    return (Self.scaled(mean.value, exponent), Self.scaled(deviation, exponent))
  }

  /// A number times a power of two, in steps that neither overflow nor vanish on the way.
  private static func scaled(_ value: Double, _ exponent: Int) -> Double {
    let half = exponent / 2
    return value * CellGrid.power(half) * CellGrid.power(exponent - half)
  }
}
