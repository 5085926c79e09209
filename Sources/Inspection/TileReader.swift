import Glibc
import Npy

/// Hands out pieces of an array as floats or doubles: as they are where they are such, else converted.
/// Complex numbers become their magnitudes.
///
/// A file is read in blocks, which stay in the second cache.
struct TileReader<Value: Sample>: ~Copyable {
  /// The most elements of a tile.
  let length: Int
  private let array: NpyArray
  /// All elements, where they are in memory.
  private let inMemory: UnsafeRawBufferPointer?
  private let isDirect: Bool
  private let scratch: UnsafeMutableBufferPointer<Value>
  private let block: UnsafeMutableRawBufferPointer
  /// The elements in the block.
  private var held = 0..<0

  private static var blockBytes: Int { 1 << 17 }

  init(array: NpyArray, columns: ColumnPlan?) {
    self.array = array
    // At least the columns that are shown, and all columns of a narrow matrix.
    length = max(Value.tileLength, columns.map { min($0.readWidth, $0.shown) } ?? 0)
    inMemory = array.contiguousBytes
    let isSame =
      array.elementType == .float32 && Value.self == Float.self
      || array.elementType == .float64 && Value.self == Double.self
    // A block begins at an aligned address, whatever the place in the file.
    isDirect = isSame && array.byteOrder == .native && (inMemory == nil || array.isAligned)
    // Not more than there is: an archive may hold very many small arrays.
    let most = min(length, array.count)
    scratch = isDirect ? .init(start: nil, count: 0) : .allocate(capacity: most)
    let size = array.elementType.itemSize
    block =
      inMemory == nil
      ? .allocate(
        byteCount: min(max(Self.blockBytes, most * size), array.count * size), alignment: 64)
      : .init(start: nil, count: 0)
  }

  deinit {
    scratch.deallocate()
    block.deallocate()
  }

  /// The elements of a range that is not longer than a tile. Valid until the next call.
  ///
  /// - Parameter end: where the part of the array ends that this reader reads.
  mutating func read(
    _ range: Range<Int>, before end: Int
  ) throws(NpyError) -> UnsafeBufferPointer<Value> {
    let bytes = try bytes(of: range, before: end)
    if isDirect { return bytes.bindMemory(to: Value.self) }
    let part = UnsafeMutableBufferPointer(rebasing: scratch[..<range.count])
    if array.elementType.isComplex {
      readMagnitudes(bytes, into: part)
    } else if let floats = part as? UnsafeMutableBufferPointer<Float> {
      try array.convert(bytes, into: floats)
    } else if let doubles = part as? UnsafeMutableBufferPointer<Double> {
      try array.convert(bytes, into: doubles)
    }
    return UnsafeBufferPointer(part)
  }

  private mutating func bytes(
    of range: Range<Int>, before end: Int
  ) throws(NpyError) -> UnsafeRawBufferPointer {
    let size = array.elementType.itemSize
    if let inMemory {
      return UnsafeRawBufferPointer(
        rebasing: inMemory[range.lowerBound * size..<range.upperBound * size])
    }
    if range.lowerBound < held.lowerBound || range.upperBound > held.upperBound {
      let wanted = range.lowerBound..<min(end, range.lowerBound + block.count / size)
      held = 0..<0
      try array.readBytes(
        storage: wanted,
        into: UnsafeMutableRawBufferPointer(rebasing: block[..<(wanted.count * size)]))
      held = wanted
    }
    let start = (range.lowerBound - held.lowerBound) * size
    return UnsafeRawBufferPointer(rebasing: block[start..<start + range.count * size])
  }

  private func readMagnitudes(
    _ bytes: UnsafeRawBufferPointer, into part: UnsafeMutableBufferPointer<Value>
  ) {
    let isSwapped = array.byteOrder != .native
    let isDouble = array.elementType == .complex128
    func wide(_ index: Int) -> Double {
      let raw = bytes.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self)
      return Double(bitPattern: isSwapped ? raw.byteSwapped : raw)
    }
    func narrow(_ index: Int) -> Double {
      let raw = bytes.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self)
      return Double(Float(bitPattern: isSwapped ? raw.byteSwapped : raw))
    }
    for index in part.indices {
      if isDouble {
        let real = wide(2 &* index)
        let imaginary = wide(2 &* index &+ 1)
        let isInvalid = real.isNaN || imaginary.isNaN
        part[index] = isInvalid ? .nan : Value(hypot(real, imaginary))
      } else {
        // Squares of floats do not overflow as doubles.
        let real = narrow(2 &* index)
        let imaginary = narrow(2 &* index &+ 1)
        part[index] = Value((real * real + imaginary * imaginary).squareRoot())
      }
    }
  }
}
