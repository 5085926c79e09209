extension NpyArray {
  /// The elements of some rows as 32-bit floats, in C order whatever the layout.
  ///
  /// - Parameter rows: a range along the first dimension; nil for all.
  /// - Throws: `NpyError` when the elements are no real numbers, or the range does not fit.
  public func floats(rows: Range<Int>? = nil) throws(NpyError) -> [Float] {
    let rows = rows ?? 0..<self.rows
    return try [Float](unsafeUninitializedCapacity: rows.count * rowLength) {
      (buffer, count) throws(NpyError) in
      try read(rows: rows, into: buffer)
      count = buffer.count
    }
  }

  /// The elements of some rows as doubles, in C order whatever the layout.
  ///
  /// - Parameter rows: a range along the first dimension; nil for all.
  /// - Throws: `NpyError` when the elements are no real numbers, or the range does not fit.
  public func doubles(rows: Range<Int>? = nil) throws(NpyError) -> [Double] {
    let rows = rows ?? 0..<self.rows
    return try [Double](unsafeUninitializedCapacity: rows.count * rowLength) {
      (buffer, count) throws(NpyError) in
      try readDoubles(rows: rows, into: buffer)
      count = buffer.count
    }
  }

  /// The elements of some rows as integers, in C order whatever the layout.
  ///
  /// - Parameter rows: a range along the first dimension; nil for all.
  /// - Throws: `NpyError` when an element is no whole number, or the range does not fit.
  public func ints(rows: Range<Int>? = nil) throws(NpyError) -> [Int64] {
    let rows = rows ?? 0..<self.rows
    return try [Int64](unsafeUninitializedCapacity: rows.count * rowLength) {
      (buffer, count) throws(NpyError) in
      try readInts(rows: rows, into: buffer)
      count = buffer.count
    }
  }
}
