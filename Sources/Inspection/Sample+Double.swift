extension Double: Sample {
  static var tileLength: Int { 2048 }
  static var precision: Int { 52 }
  static var lowestExponent: Int { -1022 }
  static var keyBits: Int { 64 }

  @inline(__always)
  var orderedKey: UInt64 {
    let bits = bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  init(orderedKey key: UInt64) {
    self.init(bitPattern: key >> 63 == 0 ? ~key : key & ~(1 << 63))
  }

  @inline(__always)
  static func load4(_ pointer: UnsafePointer<Double>) -> SIMD4<Double> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Double>.self)
  }

  static func measure(_ tile: UnsafeBufferPointer<Double>) -> Figures? {
    guard let base = tile.baseAddress, let first = tile.first else { return Figures() }
    let raw = UnsafeRawPointer(base)
    let shift = SIMD4<Double>(repeating: first)
    var low = shift
    var high = shift
    var sum = SIMD4<Double>()
    var squares = sum
    var zeros = SIMD4<Int64>()
    var negatives = zeros
    var index = 0
    while index &+ 4 <= tile.count {
      let values = raw.loadUnaligned(fromByteOffset: index &* 8, as: SIMD4<Double>.self)
      low = low.replacing(with: values, where: values .< low)
      high = high.replacing(with: values, where: values .> high)
      zeros = zeros &+ SIMD4<Int64>().replacing(with: 1, where: values .== 0)
      negatives = negatives &+ SIMD4<Int64>().replacing(with: 1, where: values .< 0)
      let difference = values - shift
      sum += difference
      squares += difference * difference
      index &+= 4
    }
    var rest = TileRest(
      low: low.min(), high: high.max(), zeros: Int(zeros.wrappedSum()),
      negatives: Int(negatives.wrappedSum()), sum: sum.sum(), squares: squares.sum(), shift: first)
    while index < tile.count {
      rest.add(base[index])
      index &+= 1
    }
    return rest.figures(count: tile.count)
  }

  static func tally(
    _ tile: UnsafeBufferPointer<Double>, grid: CellGrid, table: UnsafeMutablePointer<UInt32>
  ) {
    guard let base = tile.baseAddress else { return }
    let place = 0x1p42 - Double(grid.origin)
    var part = 0
    for index in 0..<tile.count {
      let bits = (base[index] * grid.scale + place).bitPattern
      table[Int(truncatingIfNeeded: bits &>> 10 & 0x7FF) &+ part] &+= 1
      part = (part &+ CellGrid.tableSize) & (4 &* CellGrid.tableSize &- 1)
    }
  }
}
