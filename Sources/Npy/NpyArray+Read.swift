extension NpyArray {
  /// Reads rows as 32-bit floats, in C order whatever the layout.
  ///
  /// - Parameters:
  ///   - rows: a range along the first dimension; a single number is one row.
  ///   - buffer: exactly `rows.count * rowLength` elements. It need not be initialized.
  /// - Throws: `NpyError` when the elements are no real numbers, or range or buffer do not fit.
  public func read(
    rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(NpyError) {
    try readReal(rows: rows, into: buffer)
  }

  /// Reads rows as doubles, in C order whatever the layout.
  ///
  /// Every type is exact but 64-bit integers beyond 2^53, which are rounded.
  ///
  /// - Parameters:
  ///   - rows: a range along the first dimension; a single number is one row.
  ///   - buffer: exactly `rows.count * rowLength` elements. It need not be initialized.
  /// - Throws: `NpyError` when the elements are no real numbers, or range or buffer do not fit.
  public func readDoubles(
    rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Double>
  ) throws(NpyError) {
    try readReal(rows: rows, into: buffer)
  }

  /// Reads rows as integers, such as labels: from integers, booleans, and floats that are whole.
  ///
  /// - Parameters:
  ///   - rows: a range along the first dimension; a single number is one row.
  ///   - buffer: exactly `rows.count * rowLength` elements. It need not be initialized.
  /// - Throws: `NpyError.notAnInteger` for the first element that is none, and what `read` throws.
  public func readInts(
    rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Int64>
  ) throws(NpyError) {
    try check(rows: rows, buffer: buffer.count)
    let width = rowLength
    if let rowSource {
      return try rowSource.forEachPiece(of: rows) { (piece, rows, before) throws(NpyError) in
        let part = buffer[(before * width)..<((before + rows.count) * width)]
        try piece.readInts(rows: rows, into: UnsafeMutableBufferPointer(rebasing: part))
      }
    }
    let start = rows.lowerBound * width
    try forEachRun(rows: rows) { (source, offset, count) throws(NpyError) in
      let part = UnsafeMutableBufferPointer(rebasing: buffer[offset..<offset + count])
      try convertInts(source, into: part, index: start + offset)
    }
  }

  /// Reads elements as 32-bit floats in the order in which they lie in memory.
  ///
  /// - Parameters:
  ///   - elements: a range inside `0..<count`.
  ///   - buffer: exactly as many elements. It need not be initialized.
  /// - Throws: `NpyError` when the layout is `strided`, the elements are no real numbers, or range
  ///   or buffer do not fit.
  public func read(
    storage elements: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(NpyError) {
    try readReal(storage: elements, into: buffer)
  }

  /// Reads elements as doubles in the order in which they lie in memory.
  ///
  /// - Parameters:
  ///   - elements: a range inside `0..<count`.
  ///   - buffer: exactly as many elements. It need not be initialized.
  /// - Throws: `NpyError` when the layout is `strided`, the elements are no real numbers, or range
  ///   or buffer do not fit.
  public func readDoubles(
    storage elements: Range<Int>, into buffer: UnsafeMutableBufferPointer<Double>
  ) throws(NpyError) {
    try readReal(storage: elements, into: buffer)
  }

  /// All elements in place, when they are native 32-bit floats in C order at an aligned address.
  ///
  /// The pointer is valid as long as the array, or a copy of it, is alive: keep it in a property, or
  /// use `withExtendedLifetime`, for a local that is not used any more may go at once.
  public var contiguousFloats: UnsafeBufferPointer<Float>? {
    guard elementType == .float32, !isSwapped, isAligned, layout == .rowMajor, rowSource == nil
    else { return nil }
    return UnsafeBufferPointer(start: base?.assumingMemoryBound(to: Float.self), count: count)
  }

  /// The bytes of all elements in place, unless the layout is `strided` or the file holds pickles.
  ///
  /// The pointer is valid as long as the array, or a copy of it, is alive.
  public var contiguousBytes: UnsafeRawBufferPointer? {
    guard elementType != .object, layout != .strided, rowSource == nil else { return nil }
    return UnsafeRawBufferPointer(start: base, count: count * elementType.itemSize)
  }
}

extension NpyArray {
  private func readReal<Number: RealNumber>(
    rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Number>
  ) throws(NpyError) {
    try check(rows: rows, buffer: buffer.count)
    let width = rowLength
    if let rowSource {
      return try rowSource.forEachPiece(of: rows) { (piece, rows, before) throws(NpyError) in
        let part = buffer[(before * width)..<((before + rows.count) * width)]
        try piece.readReal(rows: rows, into: UnsafeMutableBufferPointer(rebasing: part))
      }
    }
    guard let target = buffer.baseAddress else { return }
    try forEachRun(rows: rows) { (source, offset, count) throws(NpyError) in
      convertReal(source, count: count, into: target + offset)
    }
  }

  private func readReal<Number: RealNumber>(
    storage elements: Range<Int>, into buffer: UnsafeMutableBufferPointer<Number>
  ) throws(NpyError) {
    try checkReal()
    guard layout != .strided, rowSource == nil else {
      let found = rowSource == nil ? "strided memory" : "rows in several pieces"
      throw .badView(file: file, found: found, expected: "contiguous memory")
    }
    guard elements.lowerBound >= 0, elements.upperBound <= count else {
      throw .rowsOutOfRange(file: file, found: elements, available: count)
    }
    guard buffer.count == elements.count else {
      throw .wrongBuffer(file: file, found: buffer.count, expected: elements.count)
    }
    guard let base, let target = buffer.baseAddress, !elements.isEmpty else { return }
    convertReal(
      base + elements.lowerBound * elementType.itemSize, count: elements.count, into: target)
  }

  func check(rows: Range<Int>, buffer: Int) throws(NpyError) {
    try checkReal()
    guard rows.lowerBound >= 0, rows.upperBound <= self.rows else {
      throw .rowsOutOfRange(file: file, found: rows, available: self.rows)
    }
    let expected = rows.count * rowLength
    guard buffer == expected else {
      throw .wrongBuffer(file: file, found: buffer, expected: expected)
    }
  }

  private func checkReal() throws(NpyError) {
    guard elementType.isReal else {
      throw .notConvertible(
        file: file, found: elementType.name, expected: "real numbers (bool, integer or float)")
    }
  }

  /// Calls `body` with contiguous raw elements and their place among the elements of the rows.
  private func forEachRun(
    rows: Range<Int>, body: (UnsafeRawPointer, Int, Int) throws(NpyError) -> Void
  ) throws(NpyError) {
    let width = rowLength
    guard let base, !rows.isEmpty, width > 0 else { return }
    if layout == .rowMajor {
      let start = rows.lowerBound * width * elementType.itemSize
      return try body(base + start, 0, rows.count * width)
    }
    try gather(rows: rows, from: base, body: body)
  }
}
