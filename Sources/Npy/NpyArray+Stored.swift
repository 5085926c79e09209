import Synchronization

/// The elements of a file in memory, read when they are first wanted and shared from then on.
final class LoadedElements: Sendable {
  private let memory = Mutex<Memory?>(nil)

  func get(_ load: () throws(NpyError) -> Memory) throws(NpyError) -> Memory {
    try memory.withLock { (memory) throws(NpyError) in
      if let memory { return memory }
      let fresh = try load()
      memory = fresh
      return fresh
    }
  }
}

extension NpyArray {
  /// Elements that are converted at a time.
  private static let pieceLimit = 1 << 14
  /// Arrays in Fortran order up to this size are brought into memory whole, where rows are gathered
  /// faster than from places all over a file.
  private static let wholeBytes = 32 << 20

  /// All elements in memory, when they are native 32-bit floats in C order at an aligned address: the
  /// caller's own, or those of a file, which are read once for as long as this array or a copy of it
  /// lives.
  ///
  /// - Returns: nil where they have to be converted.
  /// - Throws: `NpyError` when the file cannot be read, or there is no room for it.
  public func loadedFloats() throws(NpyError) -> UnsafeBufferPointer<Float>? {
    guard stored != nil else { return contiguousFloats }
    guard elementType == .float32, !isSwapped, layout == .rowMajor, count > 0 else { return nil }
    let start = try start(inMemory: true)
    return UnsafeBufferPointer(start: start?.assumingMemoryBound(to: Float.self), count: count)
  }

  /// Reads the bytes of elements in the order in which they lie in the file or in memory.
  ///
  /// - Throws: `NpyError` when the layout is `strided`, range or buffer do not fit, or the file cannot
  ///   be read.
  public func readBytes(
    storage elements: Range<Int>, into buffer: UnsafeMutableRawBufferPointer
  ) throws(NpyError) {
    let size = elementType.itemSize
    try check(storage: elements, buffer: buffer.count, expected: elements.count * size)
    if let stored {
      return try stored.read(at: storedOffset + elements.lowerBound * size, into: buffer)
    }
    if let part { return try part.asStored.read(elements, into: buffer, file: file) }
    guard let base, !buffer.isEmpty else { return }
    buffer.copyMemory(
      from: UnsafeRawBufferPointer(start: base + elements.lowerBound * size, count: buffer.count))
  }

  /// Converts bytes that `readBytes` gave.
  ///
  /// - Throws: `NpyError` when the elements are no real numbers, or the buffer does not fit.
  public func convert(
    _ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(NpyError) {
    try convertBytes(bytes, into: buffer)
  }

  /// The same as doubles.
  public func convert(
    _ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableBufferPointer<Double>
  ) throws(NpyError) {
    try convertBytes(bytes, into: buffer)
  }

  private func convertBytes<Number: RealNumber>(
    _ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableBufferPointer<Number>
  ) throws(NpyError) {
    try checkReal()
    guard bytes.count == buffer.count * elementType.itemSize else {
      throw .wrongBuffer(
        file: file, found: buffer.count, expected: bytes.count / max(1, elementType.itemSize))
    }
    guard let source = bytes.baseAddress, let target = buffer.baseAddress else { return }
    convertReal(source, count: buffer.count, into: target)
  }

  /// Where the elements are in memory. Those of a file are brought there when they are small, or when
  /// they must be; nil when they stay in it.
  func start(inMemory isWanted: Bool) throws(NpyError) -> UnsafeRawPointer? {
    guard let stored, let loaded else { return base }
    let bytes = count * elementType.itemSize
    guard isWanted || bytes <= Self.wholeBytes else { return nil }
    let memory = try loaded.get { () throws(NpyError) in
      let memory = try stored.load(storedOffset..<storedOffset + bytes)
      stored.rest()
      return memory
    }
    return UnsafeRawPointer(memory.bytes.baseAddress)
  }

  /// Calls `body` with raw elements of a file, some at a time, and their place among those wanted.
  func forEachPiece(
    of elements: Range<Int>, in stored: StoredFile,
    body: (UnsafeRawPointer, Int, Int) throws(NpyError) -> Void
  ) throws(NpyError) {
    let size = elementType.itemSize
    let scratch = try Memory(min(Self.pieceLimit, elements.count) * size, for: file)
    for first in stride(from: 0, to: elements.count, by: Self.pieceLimit) {
      let count = min(Self.pieceLimit, elements.count - first)
      let part = UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<(count * size)])
      try stored.read(at: storedOffset + (elements.lowerBound + first) * size, into: part)
      guard let start = part.baseAddress else { return }
      try body(UnsafeRawPointer(start), first, count)
    }
  }

  /// Brings rows of a file in Fortran order into C order, some at a time, and hands them on: as many
  /// places in the file as a row has elements.
  func forEachTransposed(
    rows range: Range<Int>, in stored: StoredFile,
    body: (UnsafeRawPointer, Int, Int) throws(NpyError) -> Void
  ) throws(NpyError) {
    let width = rowLength
    let step = max(1, min(range.count, (1 << 16) / width))
    let size = elementType.itemSize
    let found = try Memory(step * width * size, for: file)
    let ordered = try Memory(step * width * size, for: file)
    guard let source = found.bytes.baseAddress, let target = ordered.bytes.baseAddress else {
      return
    }
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let count = min(step, range.upperBound - first)
      for column in 0..<width {
        let part = found.bytes[(column * count * size)..<((column + 1) * count * size)]
        try stored.read(
          at: storedOffset + (column * rows + first) * size,
          into: UnsafeMutableRawBufferPointer(rebasing: part))
      }
      let lengths = [count] + shape.dropFirst()
      let strides = Self.strides(of: lengths, itemSize: size, fortranOrder: true)
      copy(lengths, strides, from: UnsafeRawPointer(source), to: target)
      try body(UnsafeRawPointer(target), (first - range.lowerBound) * width, count * width)
    }
  }
}
