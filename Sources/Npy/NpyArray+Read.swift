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

  /// Reads rows from any places as 32-bit floats, in C order whatever the layout.
  ///
  /// - Parameters:
  ///   - places: the rows.
  ///   - buffer: exactly `places.count * rowLength` elements. It need not be initialized.
  /// - Throws: `NpyError` when the elements are no real numbers, or a row or the buffer does not fit.
  public func read(
    rows places: [Int], into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(NpyError) {
    let width = rowLength
    guard buffer.count == places.count * width else {
      throw .wrongBuffer(file: file, found: buffer.count, expected: places.count * width)
    }
    for place in places where place < 0 || place >= rows {
      throw .rowsOutOfRange(file: file, found: place..<(place + 1), available: rows)
    }
    if let rowSource, try rowSource.read(places: places, into: buffer) { return }
    for (index, place) in places.enumerated() {
      let part = buffer[(index * width)..<((index + 1) * width)]
      try read(rows: place..<(place + 1), into: UnsafeMutableBufferPointer(rebasing: part))
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

  /// All elements where they are, when they are in memory as native 32-bit floats in C order at an
  /// aligned address; nil for those of all but small files.
  ///
  /// The pointer is valid as long as the array, or a copy of it, is alive: keep it in a property, or
  /// use `withExtendedLifetime`, for a local that is not used any more may go at once.
  public var contiguousFloats: UnsafeBufferPointer<Float>? {
    guard elementType == .float32, !isSwapped, isAligned, layout == .rowMajor, rowSource == nil,
      stored == nil, part == nil
    else { return nil }
    return UnsafeBufferPointer(start: base?.assumingMemoryBound(to: Float.self), count: count)
  }

  /// The bytes of all elements where they are, when they are in memory, unless the layout is `strided`
  /// or the file holds pickles; nil for those of all but small files.
  ///
  /// The pointer is valid as long as the array, or a copy of it, is alive.
  public var contiguousBytes: UnsafeRawBufferPointer? {
    guard elementType != .object, layout != .strided, rowSource == nil, stored == nil, part == nil
    else { return nil }
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
    if let stored, layout == .rowMajor {
      return try readReal(from: rows.lowerBound * width, in: stored, into: buffer)
    }
    try forEachRun(rows: rows) { (source, offset, count) throws(NpyError) in
      convertReal(source, count: count, into: target + offset)
    }
  }

  private func readReal<Number: RealNumber>(
    storage elements: Range<Int>, into buffer: UnsafeMutableBufferPointer<Number>
  ) throws(NpyError) {
    try checkReal()
    try check(storage: elements, buffer: buffer.count, expected: elements.count)
    guard let target = buffer.baseAddress, !elements.isEmpty else { return }
    if let stored { return try readReal(from: elements.lowerBound, in: stored, into: buffer) }
    if let part {
      return try part.forEachPiece(of: elements, in: part.asStored, file: file) {
        (source, offset, count) throws(NpyError) in
        convertReal(source, count: count, into: target + offset)
      }
    }
    guard let base else { return }
    convertReal(
      base + elements.lowerBound * elementType.itemSize, count: elements.count, into: target)
  }

  /// Reads elements of a file in their order there.
  private func readReal<Number: RealNumber>(
    from start: Int, in stored: StoredFile, into buffer: UnsafeMutableBufferPointer<Number>
  ) throws(NpyError) {
    if !isSwapped && isImage(of: Number.self) {
      return try stored.read(
        at: storedOffset + start * elementType.itemSize,
        into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard let target = buffer.baseAddress else { return }
    try forEachPiece(of: start..<start + buffer.count, in: stored) {
      (source, offset, count) throws(NpyError) in
      convertReal(source, count: count, into: target + offset)
    }
  }

  func check(storage elements: Range<Int>, buffer: Int, expected: Int) throws(NpyError) {
    guard layout != .strided, rowSource == nil, elementType != .object else {
      let found = rowSource == nil ? "strided memory" : "rows in several pieces"
      throw .badView(file: file, found: found, expected: "contiguous memory")
    }
    guard elements.lowerBound >= 0, elements.upperBound <= count else {
      throw .rowsOutOfRange(file: file, found: elements, available: count)
    }
    guard buffer == expected else {
      throw .wrongBuffer(file: file, found: buffer, expected: expected)
    }
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

  func checkReal() throws(NpyError) {
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
    guard !rows.isEmpty, width > 0 else { return }
    let start = rows.lowerBound * width
    if let part {
      return try part.forEachPiece(
        of: start..<start + rows.count * width, in: part.inRows, file: file, body: body)
    }
    if let stored, layout == .rowMajor {
      return try forEachPiece(of: start..<start + rows.count * width, in: stored, body: body)
    }
    if let stored, try self.start(inMemory: false) == nil {
      return try forEachTransposed(rows: rows, in: stored, body: body)
    }
    guard let base = try self.start(inMemory: true) else { return }
    if layout == .rowMajor {
      return try body(base + start * elementType.itemSize, 0, rows.count * width)
    }
    try gather(rows: rows, from: base, body: body)
  }
}
