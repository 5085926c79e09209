import Tensors

/// What is measured of the loss's gradient at a layer's units over all samples.
public struct GradientMoments: Sendable {
  /// The sum of absolute values, by unit.
  public internal(set) var magnitude: [Double]
  /// The sum of squares.
  public internal(set) var squares: [Double]
  /// The largest absolute value.
  public internal(set) var maximum: [Float]
  /// How many are exactly zero.
  public internal(set) var zeros: [Int]
  /// How many are not finite.
  public internal(set) var nonFinite: [Int]
  /// How many were seen of each unit.
  public internal(set) var count = 0

  /// Nothing seen of so many units.
  public init(units: Int) {
    magnitude = .init(repeating: 0, count: units)
    squares = .init(repeating: 0, count: units)
    maximum = .init(repeating: 0, count: units)
    zeros = .init(repeating: 0, count: units)
    nonFinite = .init(repeating: 0, count: units)
  }

  /// How many units.
  public var units: Int { magnitude.count }

  /// Whether a unit's gradient was exactly zero on every sample.
  public func isZero(_ unit: Int) -> Bool { maximum[unit] == 0 && nonFinite[unit] == 0 }

  /// The root of the sum of squares over all units and samples.
  public var norm: Double { squares.reduce(0, +).squareRoot() }

  /// Adds what was seen in later samples.
  mutating func merge(_ other: GradientMoments) {
    for unit in 0..<units {
      magnitude[unit] += other.magnitude[unit]
      squares[unit] += other.squares[unit]
      maximum[unit] = max(maximum[unit], other.maximum[unit])
      zeros[unit] += other.zeros[unit]
      nonFinite[unit] += other.nonFinite[unit]
    }
    count += other.count
  }

  /// Adds one batch. The tensor must come from an arena: vectors are loaded whole.
  mutating func observe(_ tensor: Tensor, _ layout: UnitLayout) {
    count += layout.outer * layout.inner
    if layout.step > 1 {
      for start in stride(from: 0, to: layout.units, by: layout.step) {
        observeBlocks(tensor, layout, start)
      }
      return
    }
    guard layout.inner == 1 else {
      for unit in 0..<layout.units { observeRuns(tensor, layout, unit) }
      return
    }
    for start in stride(from: 0, to: layout.units, by: 16) {
      let base = tensor.base + start
      var sums = GradientSums()
      sums.add(base, layout.outer, every: layout.units)
      for lane in 0..<min(16, layout.units - start) {
        if sums.isExact(lane, layout.outer) {
          sums.put(lane, unit: start + lane, into: &self)
        } else {
          observeSlowly(tensor, layout, start + lane)
        }
      }
    }
  }

  private mutating func observeBlocks(_ tensor: Tensor, _ layout: UnitLayout, _ start: Int) {
    var sums = GradientSums()
    for outer in 0..<layout.outer {
      let run = tensor.base + layout.run(start, outer)
      sums.add(run, layout.inner, every: 16)
    }
    for lane in 0..<16 {
      if sums.isExact(lane, layout.outer * layout.inner) {
        sums.put(lane, unit: start + lane, into: &self)
      } else {
        observeSlowly(tensor, layout, start + lane)
      }
    }
  }

  private mutating func observeRuns(_ tensor: Tensor, _ layout: UnitLayout, _ unit: Int) {
    var sums = GradientSums()
    var padding = 0
    for block in 0..<layout.outer {
      let run = tensor.base + (block * layout.units + unit) * layout.inner
      let i = layout.inner / 16 * 16
      sums.add(run, layout.inner / 16, every: 16)
      if i < layout.inner {
        sums.add((run + i).vector(first: layout.inner - i))
        sums.settle()
        padding += 16 - (layout.inner - i)
      }
    }
    guard sums.isExact(layout.outer * layout.inner) else {
      return observeSlowly(tensor, layout, unit)
    }
    for lane in 0..<16 { sums.put(lane, unit: unit, into: &self) }
    zeros[unit] -= padding
  }

  /// Element by element in double, where squares are not finite, or too small for float32.
  private mutating func observeSlowly(_ tensor: Tensor, _ layout: UnitLayout, _ unit: Int) {
    for block in 0..<layout.outer {
      let run = tensor.base + layout.run(unit, block)
      for i in 0..<layout.inner {
        let value = run[i * layout.step]
        guard value.isFinite else {
          nonFinite[unit] += 1
          continue
        }
        magnitude[unit] += Double(abs(value))
        squares[unit] += Double(value) * Double(value)
        maximum[unit] = max(maximum[unit], abs(value))
        if value == 0 { zeros[unit] += 1 }
      }
    }
  }
}

/// Running sums of sixteen columns of gradients.
private struct GradientSums {
  private var magnitude = Vector.zero
  private var squares = Vector.zero
  private var magnitudeSoFar = SIMD16<Double>.zero
  private var squaresSoFar = SIMD16<Double>.zero
  private var maximum = Vector.zero
  private var zeros = SIMD16<Int32>.zero

  /// Adds `count` vectors whose first elements are `step` apart.
  @inline(__always)
  mutating func add(_ base: UnsafeMutablePointer<Float>, _ count: Int, every step: Int) {
    var next = base
    for start in stride(from: 0, to: count, by: 256) {
      for _ in 0..<min(256, count - start) {
        add(next.vector)
        next += step
      }
      settle()
    }
  }

  /// Moves the sums into double, as `VectorSums` does.
  @inline(__always) mutating func settle() {
    magnitudeSoFar += SIMD16<Double>(magnitude)
    squaresSoFar += SIMD16<Double>(squares)
    (magnitude, squares) = (.zero, .zero)
  }

  @inline(__always) mutating func add(_ g: Vector) {
    let size = g.magnitude
    magnitude += size
    squares += g * g
    maximum = maximum.replacing(with: size, where: size .> maximum)
    zeros &-= (g .== 0).negativeOnes
  }

  /// Whether the sums of all columns, of `count` values, are finite and have lost no digits.
  @inline(__always) func isExact(_ count: Int) -> Bool {
    let squares = squaresSoFar.sum()
    return magnitudeSoFar.sum().isFinite && squares.isFinite
      && (squares >= Double(count) * VectorSums.tiny || maximum.largest == 0)
  }

  /// The same of one column.
  @inline(__always) func isExact(_ lane: Int, _ count: Int) -> Bool {
    magnitudeSoFar[lane].isFinite && squaresSoFar[lane].isFinite
      && (squaresSoFar[lane] >= Double(count) * VectorSums.tiny || maximum[lane] == 0)
  }

  /// Adds one column to a unit.
  @inline(__always)
  func put(_ lane: Int, unit: Int, into moments: inout GradientMoments) {
    moments.magnitude[unit] += magnitudeSoFar[lane]
    moments.squares[unit] += squaresSoFar[lane]
    moments.maximum[unit] = max(moments.maximum[unit], maximum[lane])
    moments.zeros[unit] += Int(zeros[lane])
  }
}
