extension NpyArray {
  /// Converts contiguous raw elements. The type is real.
  func convertReal<Number: RealNumber>(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Number>
  ) {
    switch elementType {
    case .bool: decode(BoolCoding.self, source, count, target)
    case .int8: decode(SignedCoding<UInt8, Int8>.self, source, count, target)
    case .int16: decode(SignedCoding<UInt16, Int16>.self, source, count, target)
    case .int32: decode(SignedCoding<UInt32, Int32>.self, source, count, target)
    case .int64: decode(SignedCoding<UInt64, Int64>.self, source, count, target)
    case .uint8: decode(UnsignedCoding<UInt8>.self, source, count, target)
    case .uint16: decode(UnsignedCoding<UInt16>.self, source, count, target)
    case .uint32: decode(UnsignedCoding<UInt32>.self, source, count, target)
    case .uint64: decode(UnsignedCoding<UInt64>.self, source, count, target)
    case .float16: decode(Float16Coding.self, source, count, target)
    case .bfloat16: decode(BFloat16Coding.self, source, count, target)
    case .float32: decode(Float32Coding.self, source, count, target)
    case .float64: decode(Float64Coding.self, source, count, target)
    default: break
    }
  }

  @inline(__always)
  private func decode<Coding: ElementCoding, Number: RealNumber>(
    _ coding: Coding.Type, _ source: UnsafeRawPointer, _ count: Int,
    _ target: UnsafeMutablePointer<Number>
  ) {
    if isSwapped {
      Decoder<Coding, Number>.swapped(source, count, target)
    } else if isImage(of: Number.self) {
      // The bytes in the file are the bytes in memory.
      UnsafeMutableRawPointer(target).copyMemory(
        from: source, byteCount: count * MemoryLayout<Number>.size)
    } else {
      Decoder<Coding, Number>.native(source, count, target)
    }
  }

  func isImage<Number: RealNumber>(of number: Number.Type) -> Bool {
    elementType == .float32 && number == Float.self
      || elementType == .float64 && number == Double.self
  }

  /// Converts contiguous raw elements to integers; `index` is the first one's, for errors.
  func convertInts(
    _ source: UnsafeRawPointer, into target: UnsafeMutableBufferPointer<Int64>, index: Int
  ) throws(NpyError) {
    if elementType == .uint64 || elementType == .int64 {
      let limit = elementType == .int64 ? UInt64.max : UInt64(Int64.max)
      for offset in target.indices {
        let raw = source.loadUnaligned(fromByteOffset: 8 * offset, as: UInt64.self)
        let word = isSwapped ? raw.byteSwapped : raw
        guard word <= limit else {
          throw .notAnInteger(file: file, index: index + offset, found: "\(word)")
        }
        target[offset] = Int64(bitPattern: word)
      }
      return
    }
    // Every other type is exact as a double.
    let step = 1024
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: step) {
      (scratch) throws(NpyError) in
      guard let values = scratch.baseAddress else { return }
      for first in stride(from: 0, to: target.count, by: step) {
        let count = min(step, target.count - first)
        convertReal(source + first * elementType.itemSize, count: count, into: values)
        for offset in 0..<count {
          guard let value = Int64(exactly: values[offset]) else {
            throw .notAnInteger(
              file: file, index: index + first + offset, found: "\(values[offset])")
          }
          target[first + offset] = value
        }
      }
    }
  }
}

/// The loops over elements, one instance for each pair of types.
private enum Decoder<Coding: ElementCoding, Number: RealNumber> {
  @inline(__always)
  static func native(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Number>
  ) {
    for index in 0..<count {
      let offset = index &* MemoryLayout<Coding.Raw>.size
      let raw = source.loadUnaligned(fromByteOffset: offset, as: Coding.Raw.self)
      target[index] = Number.decode(raw, Coding.self)
    }
  }

  @inline(__always)
  static func swapped(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Number>
  ) {
    for index in 0..<count {
      let offset = index &* MemoryLayout<Coding.Raw>.size
      let raw = source.loadUnaligned(fromByteOffset: offset, as: Coding.Raw.self)
      target[index] = Number.decode(raw.byteSwapped, Coding.self)
    }
  }
}
