extension NpyArray {
  /// Tells the system that the array will be read from front to back.
  ///
  /// Does nothing to borrowed memory, like the other functions about pages.
  public func adviseSequential() { mapping?.adviseSequential() }

  /// Brings the bytes of rows into memory before they are read. Worth it for megabytes at a time.
  public func prefetch(rows: Range<Int>) {
    if let range = pages(rows: rows) { mapping?.prefetch(range) }
  }

  /// Gives the memory of rows that have been read back to the system.
  ///
  /// They can still be read, from the file again. Call it while streaming a large file, so that the
  /// memory of the process stays bounded. Does nothing to arrays in Fortran order, whose rows are
  /// spread over the whole file: release those by `release(storage:)`.
  public func release(rows: Range<Int>) {
    if let range = pages(rows: rows) { mapping?.release(range) }
  }

  /// The same for elements in the order in which they lie in the file.
  public func prefetch(storage elements: Range<Int>) {
    if let range = pages(storage: elements) { mapping?.prefetch(range) }
  }

  /// The same for elements in the order in which they lie in the file.
  public func release(storage elements: Range<Int>) {
    if let range = pages(storage: elements) { mapping?.release(range) }
  }

  private func pages(rows: Range<Int>) -> Range<Int>? {
    guard layout == .rowMajor else { return nil }
    let bounded = rows.clamped(to: 0..<self.rows)
    return pages(storage: bounded.lowerBound * rowLength..<bounded.upperBound * rowLength)
  }

  private func pages(storage elements: Range<Int>) -> Range<Int>? {
    guard mapping != nil, elementType != .object else { return nil }
    let bounded = elements.clamped(to: 0..<count)
    let size = elementType.itemSize
    return mappingOffset + bounded.lowerBound * size..<mappingOffset + bounded.upperBound * size
  }
}
