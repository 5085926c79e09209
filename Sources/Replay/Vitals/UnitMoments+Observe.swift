import Tensors

extension UnitMoments {
  /// The bounds of the flat parts of the activation that follows; infinite where there is none.
  struct Flat: Sendable {
    var below = -Float.infinity
    var above = Float.infinity

    /// Whether there are any.
    var isNeeded: Bool { below > -.infinity || above < .infinity }
  }

  /// Adds one batch. The tensor must come from an arena: vectors are loaded whole.
  ///
  /// Sums run in float32 around the first value of each unit, so that a large mean costs no digits;
  /// they end after one batch and go on in double.
  mutating func observe(_ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, firstSample: Int) {
    if layout.inner == 1 {
      for start in stride(from: 0, to: layout.units, by: 16) {
        observeColumns(tensor, layout, flat, start, firstSample)
      }
    } else {
      for unit in 0..<layout.units { observeRuns(tensor, layout, flat, unit, firstSample) }
    }
  }

  /// Sixteen units side by side, one row after the other.
  @inline(__always)
  private mutating func observeColumns(
    _ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, _ start: Int, _ firstSample: Int
  ) {
    let live = min(16, layout.units - start)
    guard layout.outer > 0 else { return }
    let base = tensor.base + start
    let first = base.vector
    // Neither NaN nor infinity may be the shift.
    let shift = Vector.zero.replacing(with: first, where: (first - first) .== 0)
    var sums = VectorSums(flat)
    var next = base
    if flat.isNeeded {
      for _ in 0..<layout.outer {
        sums.add(next.vector, shift, flat: true)
        next += layout.units
      }
    } else {
      for _ in 0..<layout.outer {
        sums.add(next.vector, shift, flat: false)
        next += layout.units
      }
    }
    for lane in 0..<live {
      let unit = start + lane
      if let part = sums.part(lane, count: layout.outer, shift: shift[lane]) {
        merge(part, into: unit)
      } else {
        observeSlowly(tensor, layout, flat, unit, firstSample)
      }
    }
  }

  /// One unit whose elements lie in runs, sixteen elements at a time.
  @inline(__always)
  private mutating func observeRuns(
    _ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, _ unit: Int, _ firstSample: Int
  ) {
    guard layout.outer > 0, layout.inner >= 16 else {
      if layout.outer * layout.inner > 0 {
        observeSlowly(tensor, layout, flat, unit, firstSample)
      }
      return
    }
    let first = tensor.base[unit * layout.inner]
    let shift = Vector(repeating: first.isFinite ? first : 0)
    var sums = VectorSums(flat)
    var tail = Part()
    for block in 0..<layout.outer {
      let run = tensor.base + (block * layout.units + unit) * layout.inner
      let whole = layout.inner / 16 * 16
      if flat.isNeeded {
        for i in stride(from: 0, to: whole, by: 16) {
          sums.add((run + i).vector, shift, flat: true)
        }
      } else {
        for i in stride(from: 0, to: whole, by: 16) {
          sums.add((run + i).vector, shift, flat: false)
        }
      }
      for i in whole..<layout.inner { tail.add(run[i], flat) }
    }
    let vectors = layout.outer * (layout.inner / 16)
    guard let part = sums.whole(count: vectors, shift: shift[0]), tail.nonFinite == 0 else {
      return observeSlowly(tensor, layout, flat, unit, firstSample)
    }
    merge(part, into: unit)
    if tail.count > 0 { merge(tail, into: unit) }
  }

  /// Element by element in double: where values are not finite, or their squares are not.
  private mutating func observeSlowly(
    _ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, _ unit: Int, _ firstSample: Int
  ) {
    var part = Part()
    var firstBad: Int?
    for block in 0..<layout.outer {
      let run = tensor.base + (block * layout.units + unit) * layout.inner
      for i in 0..<layout.inner {
        if !part.add(run[i], flat), firstBad == nil {
          firstBad = firstSample + (block * layout.inner + i) / layout.perSample
        }
      }
    }
    merge(part, into: unit)
    if let firstBad { firstNonFinite = min(firstNonFinite ?? firstBad, firstBad) }
  }
}

extension UnitMoments.Part {
  /// Adds one value by Welford's update; false when it is not finite.
  @discardableResult
  mutating func add(_ value: Float, _ flat: UnitMoments.Flat) -> Bool {
    guard value.isFinite else {
      nonFinite += 1
      return false
    }
    count += 1
    let delta = Double(value) - mean
    mean += delta / Double(count)
    squares += delta * (Double(value) - mean)
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    if value == 0 { zeros += 1 }
    if value <= flat.below { below += 1 }
    if value >= flat.above { above += 1 }
    return true
  }
}

/// Running sums of sixteen columns.
struct VectorSums {
  private let lower: Vector
  private let upper: Vector
  private var sum = Vector.zero
  private var squares = Vector.zero
  private var minimum = Vector(repeating: .infinity)
  private var maximum = Vector(repeating: -.infinity)
  private var zeros = SIMD16<Int32>.zero
  private var below = SIMD16<Int32>.zero
  private var above = SIMD16<Int32>.zero

  @inline(__always) init(_ flat: UnitMoments.Flat) {
    lower = Vector(repeating: flat.below)
    upper = Vector(repeating: flat.above)
  }

  /// - Parameter flat: whether values on the flats are counted; known where this is inlined.
  @inline(__always) mutating func add(_ x: Vector, _ shift: Vector, flat: Bool) {
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

  /// One column of `count` values; nil when a sum is not finite.
  @inline(__always) func part(_ lane: Int, count: Int, shift: Float) -> UnitMoments.Part? {
    guard sum[lane].isFinite, squares[lane].isFinite else { return nil }
    let n = Double(count)
    let s = Double(sum[lane])
    return UnitMoments.Part(
      count: count, mean: Double(shift) + s / n,
      squares: max(0, Double(squares[lane]) - s * s / n), minimum: minimum[lane],
      maximum: maximum[lane], zeros: Int(zeros[lane]), below: Int(below[lane]),
      above: Int(above[lane]))
  }

  /// All sixteen columns, of `count` values each around one shift, as one unit; nil when a sum is not
  /// finite.
  @inline(__always) func whole(count: Int, shift: Float) -> UnitMoments.Part? {
    let (total, squared) = (sum.doubleTotal, squares.doubleTotal)
    guard total.isFinite, squared.isFinite else { return nil }
    let n = 16 * Double(count)
    return UnitMoments.Part(
      count: 16 * count, mean: count > 0 ? Double(shift) + total / n : 0,
      squares: count > 0 ? max(0, squared - total * total / n) : 0, minimum: -(-minimum).largest,
      maximum: maximum.largest, zeros: Int(zeros.wrappedSum()), below: Int(below.wrappedSum()),
      above: Int(above.wrappedSum()))
  }
}

extension Vector {
  /// The sum of all lanes in double.
  @inline(__always) fileprivate var doubleTotal: Double {
    let eight = SIMD8<Double>(lowHalf) + SIMD8<Double>(highHalf)
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}

extension VectorMask {
  /// −1 in every lane that is set: subtracted, it counts.
  @inline(__always) var negativeOnes: SIMD16<Int32> {
    unsafeBitCast(self, to: SIMD16<Int32>.self)
  }
}
