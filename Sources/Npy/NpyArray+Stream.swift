extension NpyArray {
  /// Elements that are converted at a time.
  private static let pieceLimit = 1 << 14

  /// Reads rows like `read(rows:into:)`, a large file past its mapping: the memory of the process then
  /// does not grow with the rows that were read, as it does with mapped pages.
  public func stream(
    rows range: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(NpyError) {
    let width = rowLength
    if let rowSource {
      try check(rows: range, buffer: buffer.count)
      return try rowSource.forEachPiece(of: range) { (piece, rows, before) throws(NpyError) in
        let part = buffer[(before * width)..<((before + rows.count) * width)]
        try piece.stream(rows: rows, into: UnsafeMutableBufferPointer(rebasing: part))
      }
    }
    guard let mapping = try largeMapping(range, buffer.count), width > 0 else {
      return try read(rows: range, into: buffer)
    }
    if layout == .rowMajor {
      return try read(mapping, at: range.lowerBound * width, into: buffer)
    }
    // As many places in the file as a row has elements, brought into C order in memory.
    let step = max(1, min(range.count, (1 << 16) / width))
    let size = elementType.itemSize
    let stored = Scratch(step * width * size)
    let ordered = Scratch(step * width * size)
    guard let target = buffer.baseAddress else { return }
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let count = min(step, range.upperBound - first)
      for column in 0..<width {
        let part = stored.bytes[(column * count * size)..<((column + 1) * count * size)]
        try mapping.read(
          at: mappingOffset + (column * rows + first) * size,
          into: UnsafeMutableRawBufferPointer(rebasing: part))
      }
      let lengths = [count] + shape.dropFirst()
      let strides = Self.strides(of: lengths, itemSize: size, fortranOrder: true)
      copy(lengths, strides, from: UnsafeRawPointer(stored.base), to: ordered.base)
      convertReal(
        UnsafeRawPointer(ordered.base), count: count * width,
        into: target + (first - range.lowerBound) * width)
    }
  }

  /// Reads rows from any places, in C order whatever the layout, as `stream` does.
  ///
  /// - Parameters:
  ///   - places: the rows.
  ///   - buffer: exactly `places.count * rowLength` elements. It need not be initialized.
  /// - Throws: `NpyError` when the elements are no real numbers, or a row or the buffer does not fit.
  public func stream(
    rows places: [Int], into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(NpyError) {
    let width = rowLength
    guard buffer.count == places.count * width else {
      throw .wrongBuffer(file: file, found: buffer.count, expected: places.count * width)
    }
    if let rowSource {
      for place in places where place < 0 || place >= rows {
        throw .rowsOutOfRange(file: file, found: place..<(place + 1), available: rows)
      }
      if try rowSource.read(places: places, into: buffer) { return }
    }
    for (index, place) in places.enumerated() {
      let part = buffer[(index * width)..<((index + 1) * width)]
      try stream(rows: place..<(place + 1), into: UnsafeMutableBufferPointer(rebasing: part))
    }
  }

  /// The mapping, where rows are better read past it, and range and buffer fit.
  private func largeMapping(_ range: Range<Int>, _ count: Int) throws(NpyError) -> Mapping? {
    guard let mapping, mapping.isReadable, elementType.isReal, layout != .strided,
      mapping.isStreamed || self.count * elementType.itemSize > Mapping.largeBytes,
      range.lowerBound >= 0, range.upperBound <= rows, count == range.count * rowLength
    else { return nil }
    return mapping
  }

  /// Reads elements in the order of the file.
  private func read(
    _ mapping: Mapping, at start: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(NpyError) {
    let size = elementType.itemSize
    if elementType == .float32, !isSwapped {
      return try mapping.read(
        at: mappingOffset + start * size, into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard let target = buffer.baseAddress else { return }
    let scratch = Scratch(min(Self.pieceLimit, buffer.count) * size)
    for first in stride(from: 0, to: buffer.count, by: Self.pieceLimit) {
      let count = min(Self.pieceLimit, buffer.count - first)
      try mapping.read(
        at: mappingOffset + (start + first) * size,
        into: UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<(count * size)]))
      convertReal(UnsafeRawPointer(scratch.base), count: count, into: target + first)
    }
  }
}

/// Bytes for as long as they are needed.
private struct Scratch: ~Copyable {
  let base: UnsafeMutableRawPointer
  let bytes: UnsafeMutableRawBufferPointer

  init(_ count: Int) {
    base = .allocate(byteCount: max(1, count), alignment: 16)
    bytes = UnsafeMutableRawBufferPointer(start: base, count: count)
  }

  deinit { base.deallocate() }
}
