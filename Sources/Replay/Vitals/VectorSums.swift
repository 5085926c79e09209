import Tensors

/// Running sums of sixteen columns.
struct VectorSums {
  private let lower: Vector
  private let upper: Vector
  private var sum = Vector.zero
  private var squares = Vector.zero
  private var sumSoFar = SIMD16<Double>.zero
  private var squaresSoFar = SIMD16<Double>.zero
  private var minimum = Vector(repeating: .infinity)
  private var maximum = Vector(repeating: -.infinity)
  private var zeros = SIMD16<Int32>.zero
  private var below = SIMD16<Int32>.zero
  private var above = SIMD16<Int32>.zero

  @inline(__always) init(_ flat: UnitMoments.Flat) {
    lower = Vector(repeating: flat.below)
    upper = Vector(repeating: flat.above)
  }

  /// Adds `count` vectors whose first elements are `step` apart.
  @inline(__always) mutating func add(
    _ base: UnsafeMutablePointer<Float>, _ count: Int, every step: Int, _ shift: Vector,
    isFlat: Bool
  ) {
    var next = base
    for start in stride(from: 0, to: count, by: 256) {
      let some = min(256, count - start)
      if isFlat {
        for _ in 0..<some {
          add(next.vector, shift, flat: true)
          next += step
        }
      } else {
        for _ in 0..<some {
          add(next.vector, shift, flat: false)
          next += step
        }
      }
      settle()
    }
  }

  @inline(__always) private mutating func settle() {
    sumSoFar += SIMD16<Double>(sum)
    squaresSoFar += SIMD16<Double>(squares)
    (sum, squares) = (.zero, .zero)
  }

  /// - Parameter flat: whether values on the flats are counted; known where this is inlined.
  @inline(__always) private mutating func add(_ x: Vector, _ shift: Vector, flat: Bool) {
    let d = x - shift
    sum += d
    squares += d * d
    minimum = minimum.replacing(with: x, where: x .< minimum)
    maximum = maximum.replacing(with: x, where: x .> maximum)
    zeros &-= (x .== 0).negativeOnes
    guard flat else { return }
    below &-= (x .<= lower).negativeOnes
    above &-= (x .>= upper).negativeOnes
  }

  /// Whether the squares of values that differ are so small that float32 lost digits of them.
  @inline(__always) private func isTiny(
    _ squares: Double, _ count: Double, _ minimum: Float, _ maximum: Float
  ) -> Bool {
    squares < count * Self.tiny && minimum < maximum
  }

  /// A mean square below which those of float32 may be off by more than 2⁻²⁹ of it.
  static let tiny = 0x1p-120

  /// One column of `count` values; nil when a sum is not finite, or has lost digits.
  @inline(__always) func part(_ lane: Int, count: Int, shift: Float) -> UnitMoments.Part? {
    guard sumSoFar[lane].isFinite, squaresSoFar[lane].isFinite else { return nil }
    let n = Double(count)
    if isTiny(squaresSoFar[lane], n, minimum[lane], maximum[lane]) { return nil }
    let s = sumSoFar[lane]
    return UnitMoments.Part(
      count: count, mean: Double(shift) + s / n,
      squares: max(0, squaresSoFar[lane] - s * s / n), minimum: minimum[lane],
      maximum: maximum[lane], zeros: Int(zeros[lane]), below: Int(below[lane]),
      above: Int(above[lane]))
  }

  /// All sixteen columns, of `count` values each around one shift, as one unit; nil when a sum is not
  /// finite, or has lost digits.
  @inline(__always) func whole(count: Int, shift: Float) -> UnitMoments.Part? {
    let (total, squared) = (sumSoFar.sum(), squaresSoFar.sum())
    guard total.isFinite, squared.isFinite else { return nil }
    let n = 16 * Double(count)
    let (least, largest) = (-(-minimum).largest, maximum.largest)
    if isTiny(squared, n, least, largest) { return nil }
    return UnitMoments.Part(
      count: 16 * count, mean: count > 0 ? Double(shift) + total / n : 0,
      squares: count > 0 ? max(0, squared - total * total / n) : 0, minimum: least,
      maximum: largest, zeros: Int(zeros.wrappedSum()), below: Int(below.wrappedSum()),
      above: Int(above.wrappedSum()))
  }
}

extension VectorMask {
  /// −1 in every lane that is set: subtracted, it counts.
  @inline(__always) var negativeOnes: SIMD16<Int32> {
    unsafeBitCast(self, to: SIMD16<Int32>.self)
  }
}
