import Npy

/// Two arrays that are compared element by element, in tiles.
struct ArrayPair {
  let first: NpyArray
  let second: NpyArray
  let tolerance: Tolerance

  /// Elements of a tile. Those of two orders are brought into one, a large tile at a time.
  private var tile: Int { first.layout == second.layout ? 1 << 13 : 1 << 16 }

  /// - Parameter name: what both are called.
  /// - Throws: `NpyError` when elements cannot be read.
  func difference(named name: String) throws(NpyError) -> ArrayDifference {
    var result = ArrayDifference(name: name, status: .equal)
    result.types = [first.elementType.name, second.elementType.name]
    result.shapes = [first.shape, second.shape]
    guard first.shape == second.shape else {
      result.status = .shape
      return result
    }
    result.count = first.count
    guard let kind = kind else {
      result.status = .type
      return result
    }
    guard first.count > 0 else { return result }
    var found = PairFigures(tolerance: tolerance)
    let order: NpyArray.Layout =
      first.layout == second.layout && first.layout == .columnMajor ? .columnMajor : .rowMajor
    let tile = self.tile
    let a = RawTile(first, order, tile)
    let b = RawTile(second, order, tile)
    for start in stride(from: 0, to: first.count, by: tile) {
      let range = start..<min(first.count, start + tile)
      try a.read(range)
      try b.read(range)
      switch kind {
      case .integers: found.add(a.integers, b.integers, at: start)
      case .reals: found.add(try a.reals(), try b.reals(), at: start)
      case .pairs: found.add(pairs: a.pairs, b.pairs, at: start)
      case .bytes: found.add(bytes: a.bytes, b.bytes, size: first.elementType.itemSize)
      }
    }
    result.moved = found.moved
    result.nonFinite = found.nonFinite
    if found.moved > 0 { result.status = .moved }
    if let largest = found.largest {
      result.largest = largest.distance
      result.index = first.index(of: largest.place, order: order)
      result.values = largest.values
    }
    result.relative = found.moved > 0 ? found.relative : kind == .bytes ? nil : 0
    return result
  }

  private enum Kind { case integers, reals, pairs, bytes }

  /// How the elements are compared; nil where their types have nothing in common.
  private var kind: Kind? {
    let (a, b) = (first.elementType, second.elementType)
    func isWhole(_ type: ElementType) -> Bool { type.isInteger || type == .bool }
    if isWhole(a) && isWhole(b) { return .integers }
    if a.isReal && b.isReal { return .reals }
    if a.isComplex && b.isComplex { return .pairs }
    return a == b && first.byteOrder == second.byteOrder && a != .object ? .bytes : nil
  }
}

/// Elements of one of the two as they are in the file.
private final class RawTile {
  private let array: NpyArray
  private let order: NpyArray.Layout
  private let buffer: UnsafeMutableRawBufferPointer
  private var held = 0

  init(_ array: NpyArray, _ order: NpyArray.Layout, _ length: Int) {
    self.array = array
    self.order = order
    buffer = .allocate(
      byteCount: min(length, array.count) * array.elementType.itemSize, alignment: 64)
  }

  deinit { buffer.deallocate() }

  func read(_ range: Range<Int>) throws(NpyError) {
    held = range.count
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes.count])
    if array.layout == order {
      try array.readBytes(storage: range, into: target)
    } else {
      try array.readElements(range, into: target)
    }
  }

  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffer[..<(held * array.elementType.itemSize)])
  }

  func reals() throws(NpyError) -> [Double] {
    try [Double](unsafeUninitializedCapacity: held) { (values, filled) throws(NpyError) in
      try array.convert(bytes, into: UnsafeMutableBufferPointer(rebasing: values[..<held]))
      filled = held
    }
  }

  /// Whole numbers of any type, exactly.
  var integers: [Int128] {
    let isWide = array.elementType == .int64 || array.elementType == .uint64
    guard isWide else { return ((try? reals()) ?? []).map { Int128($0) } }
    return (0..<held).map { index in
      let word = word(8 * index)
      return array.elementType == .int64 ? Int128(Int64(bitPattern: word)) : Int128(word)
    }
  }

  /// Complex numbers.
  var pairs: [(Double, Double)] {
    let isDouble = array.elementType == .complex128
    return (0..<held).map { index in
      isDouble
        ? (Double(bitPattern: word(16 * index)), Double(bitPattern: word(16 * index + 8)))
        : (Double(half(8 * index)), Double(half(8 * index + 4)))
    }
  }

  private var isSwapped: Bool { array.byteOrder != .native && array.byteOrder != .notApplicable }

  private func word(_ offset: Int) -> UInt64 {
    let raw = buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    return isSwapped ? raw.byteSwapped : raw
  }

  private func half(_ offset: Int) -> Float {
    let raw = buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return Float(bitPattern: isSwapped ? raw.byteSwapped : raw)
  }
}
