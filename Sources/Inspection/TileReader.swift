import Glibc
import Npy

/// Hands out pieces of an array as floats or doubles: in place where the file holds them as such,
/// else converted. Complex numbers become their magnitudes.
struct TileReader<Value: Sample>: ~Copyable {
  /// The most elements of a tile.
  let length: Int
  private let array: NpyArray
  private let scratch: UnsafeMutableBufferPointer<Value>
  private let direct: UnsafeBufferPointer<Value>?

  init(array: NpyArray, columns: ColumnPlan?) {
    self.array = array
    // At least the columns that are shown, and all columns of a narrow matrix.
    length = max(Value.tileLength, columns.map { min($0.readWidth, $0.shown) } ?? 0)
    direct = Self.inPlace(array)
    scratch = direct == nil ? .allocate(capacity: length) : .init(start: nil, count: 0)
  }

  deinit { scratch.deallocate() }

  /// The elements of a range that is not longer than a tile. Valid until the next call.
  func read(_ range: Range<Int>) throws(NpyError) -> UnsafeBufferPointer<Value> {
    if let direct { return UnsafeBufferPointer(rebasing: direct[range]) }
    let part = UnsafeMutableBufferPointer(rebasing: scratch[..<range.count])
    if array.elementType.isComplex {
      readMagnitudes(range, into: part)
    } else if let floats = part as? UnsafeMutableBufferPointer<Float> {
      try array.read(storage: range, into: floats)
    } else if let doubles = part as? UnsafeMutableBufferPointer<Double> {
      try array.readDoubles(storage: range, into: doubles)
    }
    return UnsafeBufferPointer(part)
  }

  private static func inPlace(_ array: NpyArray) -> UnsafeBufferPointer<Value>? {
    let isSame =
      array.elementType == .float32 && Value.self == Float.self
      || array.elementType == .float64 && Value.self == Double.self
    guard isSame, array.isAligned, array.byteOrder == .native, let bytes = array.contiguousBytes
    else { return nil }
    return bytes.bindMemory(to: Value.self)
  }

  private func readMagnitudes(_ range: Range<Int>, into part: UnsafeMutableBufferPointer<Value>) {
    guard let bytes = array.contiguousBytes else { return }
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
    for (offset, index) in range.enumerated() {
      if isDouble {
        let real = wide(2 &* index)
        let imaginary = wide(2 &* index &+ 1)
        let isInvalid = real.isNaN || imaginary.isNaN
        part[offset] = isInvalid ? .nan : Value(hypot(real, imaginary))
      } else {
        // Squares of floats do not overflow as doubles.
        let real = narrow(2 &* index)
        let imaginary = narrow(2 &* index &+ 1)
        part[offset] = Value((real * real + imaginary * imaginary).squareRoot())
      }
    }
  }
}
