/// The figures of 64-bit integers that a double does not hold: exact where they are integers.
struct WideIntegers {
  private(set) var minimum: Int128?
  private(set) var maximum: Int128?
  private(set) var minimumPlace = 0
  private(set) var maximumPlace = 0
  private var count = 0
  private var sum: Int128 = 0
  private var first: Int128 = 0
  private var distances = DoubleDouble()
  private var squares = DoubleDouble()
  private var seen: Set<Int128> = []

  /// The least magnitude that not every double can have.
  static let bound = 0x1p53

  mutating func add(_ value: Int128, at place: Int) {
    if count == 0 { first = value }
    if value < minimum ?? .max { (minimum, minimumPlace) = (value, place) }
    if value > maximum ?? .min { (maximum, maximumPlace) = (value, place) }
    count += 1
    sum += value
    let distance = Double(value - first) * 0x1p-64
    distances.add(distance)
    squares.add(squareOf: distance)
    if seen.count <= DistinctValues.limit { seen.insert(value) }
  }

  /// Distinct values; nil when there are more than are told apart.
  var distinct: Int? { seen.count > DistinctValues.limit ? nil : seen.count }

  /// The mean, rounded once.
  var mean: Double {
    let number = Int128(max(1, count))
    let (whole, rest) = sum.quotientAndRemainder(dividingBy: number)
    // The fraction decides only where the whole part is exact as a double.
    return Double(whole) + Double(rest) / Double(number)
  }

  /// The standard deviation, rounded.
  var deviation: Double {
    let number = Double(max(1, count))
    let mean = distances.value / number
    return (max(0, squares.value / number - mean * mean)).squareRoot() * 0x1p64
  }
}
