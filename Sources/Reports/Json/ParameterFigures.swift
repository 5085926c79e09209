/// What the vitals say of the values of a parameter, or of its gradient.
struct ParameterFigures {
  /// The root of the sum of squares.
  private(set) var norm = 0.0
  /// The sum by the count.
  private(set) var mean = 0.0
  /// The sum without signs by the count.
  private(set) var meanMagnitude = 0.0
  /// The standard deviation.
  private(set) var deviation = 0.0
  /// The smallest; NaN when a value is, or when there is none.
  private(set) var minimum = Double.nan
  /// The largest; likewise.
  private(set) var maximum = Double.nan
  /// How many are exactly zero.
  private(set) var zeros = 0

  /// The largest without signs.
  var largestMagnitude: Double { minimum.isNaN ? .nan : max(-minimum, maximum) }

  init(_ values: UnsafeBufferPointer<Float>) {
    self.init(
      values, { Double($0) },
      eight: { SIMD8<Double>(UnsafeRawPointer($0).loadUnaligned(as: SIMD8<Float>.self)) })
  }

  init(_ values: UnsafeBufferPointer<Double>) {
    self.init(
      values, { $0 }, eight: { UnsafeRawPointer($0).loadUnaligned(as: SIMD8<Double>.self) })
  }

  @inline(__always)
  private init<Element>(
    _ values: UnsafeBufferPointer<Element>, _ one: (Element) -> Double,
    eight: (UnsafePointer<Element>) -> SIMD8<Double>
  ) {
    guard let base = values.baseAddress, let first = values.first else { return }
    var totals = Totals(one(first))
    let whole = values.count / 8 * 8
    for i in stride(from: 0, to: whole, by: 8) { totals.add(eight(base + i)) }
    for i in whole..<values.count { totals.add(one(base[i])) }
    let count = Double(values.count)
    mean = totals.sum.sum() / count
    meanMagnitude = totals.magnitude.sum() / count
    norm = totals.squares.sum().squareRoot()
    zeros = Int(totals.zeros.wrappedSum())
    if !norm.isNaN { (minimum, maximum) = (totals.minimum.min(), totals.maximum.max()) }
    // A second pass, for the square of a large mean would drown the variance.
    var spread = SIMD8<Double>.zero
    for i in stride(from: 0, to: whole, by: 8) {
      let distance = eight(base + i) - mean
      spread += distance * distance
    }
    var rest = 0.0
    for i in whole..<values.count { rest += (one(base[i]) - mean) * (one(base[i]) - mean) }
    deviation = ((spread.sum() + rest) / count).squareRoot()
  }
}

/// Eight chains of sums side by side: one alone would wait for every addition.
private struct Totals {
  var sum = SIMD8<Double>.zero
  var squares = SIMD8<Double>.zero
  var magnitude = SIMD8<Double>.zero
  var minimum: SIMD8<Double>
  var maximum: SIMD8<Double>
  var zeros = SIMD8<Int64>.zero

  init(_ first: Double) {
    minimum = SIMD8(repeating: first)
    maximum = minimum
  }

  @inline(__always) mutating func add(_ values: SIMD8<Double>) {
    sum += values
    squares += values * values
    let bits = unsafeBitCast(values, to: SIMD8<Int64>.self) & Int64.max
    magnitude += unsafeBitCast(bits, to: SIMD8<Double>.self)
    minimum = Self.select(values .< minimum, values, minimum)
    maximum = Self.select(values .> maximum, values, maximum)
    zeros &-= unsafeBitCast(values .== 0, to: SIMD8<Int64>.self)
  }

  @inline(__always) mutating func add(_ value: Double) {
    sum[0] += value
    squares[0] += value * value
    magnitude[0] += abs(value)
    if value < minimum[0] { minimum[0] = value }
    if value > maximum[0] { maximum[0] = value }
    if value == 0 { zeros[0] += 1 }
  }

  // The library selects floats lane by lane; masks are vector instructions.
  @inline(__always) private static func select(
    _ mask: SIMDMask<SIMD8<Int64>>, _ a: SIMD8<Double>, _ b: SIMD8<Double>
  ) -> SIMD8<Double> {
    let bits = unsafeBitCast(b, to: SIMDMask<SIMD8<Int64>>.self).replacing(
      with: unsafeBitCast(a, to: SIMDMask<SIMD8<Int64>>.self), where: mask)
    return unsafeBitCast(bits, to: SIMD8<Double>.self)
  }
}
