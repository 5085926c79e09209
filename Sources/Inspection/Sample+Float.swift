extension Float: Sample {
  static var tileLength: Int { 4096 }
  static var precision: Int { 23 }
  static var lowestExponent: Int { -126 }
  static var keyBits: Int { 32 }

  @inline(__always)
  var orderedKey: UInt64 {
    let bits = bitPattern
    return UInt64(bits >> 31 == 0 ? bits | 1 << 31 : ~bits)
  }

  init(orderedKey key: UInt64) {
    let bits = UInt32(truncatingIfNeeded: key)
    self.init(bitPattern: bits >> 31 == 0 ? ~bits : bits & ~(1 << 31))
  }

  @inline(__always)
  static func load4(_ pointer: UnsafePointer<Float>) -> SIMD4<Double> {
    SIMD4<Double>(UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self))
  }

  static func measure(_ tile: UnsafeBufferPointer<Float>) -> Figures? {
    guard let base = tile.baseAddress, let first = tile.first else { return Figures() }
    let raw = UnsafeRawPointer(base)
    let shift = SIMD4<Double>(repeating: Double(first))
    var low = SIMD8<Float>(repeating: first)
    var high = low
    var sumA = SIMD4<Double>()
    var sumB = sumA
    var squaresA = sumA
    var squaresB = sumA
    var zeros = SIMD8<Int32>()
    var negatives = zeros
    var index = 0
    while index &+ 8 <= tile.count {
      let values = raw.loadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self)
      low = low.replacing(with: values, where: values .< low)
      high = high.replacing(with: values, where: values .> high)
      zeros = zeros &+ SIMD8<Int32>().replacing(with: 1, where: values .== 0)
      negatives = negatives &+ SIMD8<Int32>().replacing(with: 1, where: values .< 0)
      let a = SIMD4<Double>(values.lowHalf) - shift
      let b = SIMD4<Double>(values.highHalf) - shift
      sumA += a
      sumB += b
      squaresA += a * a
      squaresB += b * b
      index &+= 8
    }
    var rest = TileRest(
      low: Double(low.min()), high: Double(high.max()), zeros: Int(zeros.wrappedSum()),
      negatives: Int(negatives.wrappedSum()), sum: (sumA + sumB).sum(),
      squares: (squaresA + squaresB).sum(), shift: Double(first))
    while index < tile.count {
      rest.add(Double(base[index]))
      index &+= 1
    }
    return rest.figures(count: tile.count)
  }

  static func tally(
    _ tile: UnsafeBufferPointer<Float>, grid: CellGrid, table: UnsafeMutablePointer<UInt32>
  ) {
    guard let base = tile.baseAddress else { return }
    let raw = UnsafeRawPointer(base)
    let scale = Float(grid.scale)
    let place = Float(0x1p13 - Double(grid.origin))
    var index = 0
    while index &+ 4 <= tile.count {
      let values = raw.loadUnaligned(fromByteOffset: index &* 4, as: SIMD4<Float>.self)
      let bits = unsafeBitCast(values * scale + place, to: SIMD4<UInt32>.self) &>> 10 & 0x7FF
      let pairs = unsafeBitCast(bits, to: SIMD2<UInt64>.self)
      let a = pairs[0]
      let b = pairs[1]
      table[Int(a & 0x7FF)] &+= 1
      table[Int(a &>> 32) &+ CellGrid.tableSize] &+= 1
      table[Int(b & 0x7FF) &+ 2 &* CellGrid.tableSize] &+= 1
      table[Int(b &>> 32) &+ 3 &* CellGrid.tableSize] &+= 1
      index &+= 4
    }
    while index < tile.count {
      table[Int((base[index] * scale + place).bitPattern &>> 10 & 0x7FF)] &+= 1
      index &+= 1
    }
  }
}

/// The values at the end of a tile that do not fill a vector.
struct TileRest {
  var low: Double
  var high: Double
  var zeros: Int
  var negatives: Int
  var sum: Double
  var squares: Double
  let shift: Double

  mutating func add(_ value: Double) {
    low = min(low, value)
    high = max(high, value)
    if value == 0 { zeros += 1 }
    if value < 0 { negatives += 1 }
    sum += value - shift
    squares += (value - shift) * (value - shift)
  }

  /// `nil` when a value, or the sum of them all, is not finite.
  func figures(count: Int) -> Figures? {
    guard sum.isFinite, squares.isFinite else { return nil }
    return Figures(
      count: count, shift: shift, sum: sum, squares: squares, minimum: low, maximum: high,
      zeros: zeros, negatives: negatives)
  }
}
