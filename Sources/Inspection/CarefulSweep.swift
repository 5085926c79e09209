import Npy

/// A second look at the numbers whose plain sums may be wrong: one after the other, with sums in twice
/// the precision.
struct CarefulSweep {
  let array: NpyArray
  let isCancelled: () -> Bool

  /// What replaces the figures of the first look.
  struct Result {
    var whole: (mean: Double, deviation: Double)?
    var columns: [Int: (mean: Double, deviation: Double)] = [:]
    var integers: WideIntegers?
  }

  /// - Parameters:
  ///   - whole: the figures of all elements.
  ///   - columns: those of the columns that are shown.
  func run(_ whole: Figures, _ columns: [Figures]) throws(NpyError) -> Result {
    var result = Result()
    let isWide =
      (array.elementType == .int64 || array.elementType == .uint64)
      && max(whole.minimum.magnitude, whole.maximum.magnitude) >= WideIntegers.bound
    var all: CarefulMoments?
    if !isWide, CarefulMoments.areNeeded(whole) {
      all = CarefulMoments(from: whole.minimum, to: whole.maximum)
    }
    var some: [Int: CarefulMoments] = [:]
    for (index, figures) in columns.enumerated() where CarefulMoments.areNeeded(figures) {
      some[index] = CarefulMoments(from: figures.minimum, to: figures.maximum)
    }
    if all != nil || !some.isEmpty {
      try sum(&all, &some)
      result.whole = all?.moments
      result.columns = some.mapValues(\.moments)
    }
    if isWide { result.integers = try integers() }
    return result
  }

  private func sum(
    _ all: inout CarefulMoments?, _ some: inout [Int: CarefulMoments]
  ) throws(NpyError) {
    let width = array.shape.count == 2 ? array.shape[1] : 1
    let height = array.shape.first ?? 1
    let isColumnMajor = array.layout == .columnMajor
    var columns: [CarefulMoments?] = []
    if let last = some.keys.max() { columns = (0...last).map { some[$0] } }
    var reader = TileReader<Double>(array: array, columns: nil)
    var position = 0
    while position < array.count {
      if position & 0xF_FFFF < reader.length, isCancelled() { return }
      let end = min(array.count, position + reader.length)
      let tile = try reader.read(position..<end, before: array.count)
      for (offset, value) in tile.enumerated() {
        all?.add(value)
        if columns.isEmpty { continue }
        let place = position + offset
        let column = isColumnMajor ? place / height : place % width
        if column < columns.count { columns[column]?.add(value) }
      }
      position = end
    }
    for (index, moments) in columns.enumerated() { some[index] = moments }
  }

  private func integers() throws(NpyError) -> WideIntegers {
    var result = WideIntegers()
    let step = 1 << 14
    let isSwapped = array.byteOrder != .native
    let isSigned = array.elementType == .int64
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * step, alignment: 64)
    defer { buffer.deallocate() }
    for start in stride(from: 0, to: array.count, by: step) {
      if start & 0xF_FFFF == 0, isCancelled() { return result }
      let count = min(step, array.count - start)
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(8 * count)])
      try array.readBytes(storage: start..<start + count, into: part)
      for index in 0..<count {
        let raw = part.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        let word = isSwapped ? raw.byteSwapped : raw
        result.add(
          isSigned ? Int128(Int64(bitPattern: word)) : Int128(word), at: start + index)
      }
    }
    return result
  }
}
