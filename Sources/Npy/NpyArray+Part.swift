extension NpyArray {
  /// The elements that a subscript names, which are read from where they are: nothing is copied.
  ///
  /// They are in the order of the array, C or Fortran; those of strided memory are in C order.
  ///
  /// - Throws: `NpyError.badIndex` when there are more indices than axes, or one is out of range.
  ///   `badView` for rows in several pieces and for a part of a part, `notConvertible` for pickles.
  public func part(_ wanted: Subscript) throws(NpyError) -> NpyArray {
    guard elementType != .object else {
      throw .notConvertible(
        file: file, found: elementType.name, expected: "elements of one size, to take a part")
    }
    guard rowSource == nil, part == nil else {
      throw .badView(file: file, found: "a part of a part", expected: "a whole array")
    }
    let items = try axes(of: wanted)
    var offset = 0
    var lengths: [Int] = []
    var strides: [Int] = []
    for (axis, item) in items.enumerated() {
      guard let steps = item.steps(on: shape[axis]) else {
        throw .badIndex(
          file: file, found: "[\(wanted)]",
          expected: shape[axis] == 0
            ? "no index on axis \(axis), which has the length 0"
            : "an index from \(-shape[axis]) to \(shape[axis] - 1) on axis \(axis)")
      }
      if steps.count > 0 { offset += steps.first * byteStrides[axis] }
      if case .index = item { continue }
      lengths.append(steps.count)
      // One element or none has no next one, however far that would be.
      strides.append(steps.count > 1 ? steps.step * byteStrides[axis] : 0)
    }
    let place: StridedElements.Place
    if let stored {
      let end = storedOffset + count * elementType.itemSize
      place = .file(stored, bytes: storedOffset..<end)
    } else {
      place = .memory(base, owner)
    }
    let isEmpty = lengths.contains(0)
    let part = ArrayPart(
      place: place, offset: isEmpty ? 0 : offset + (stored == nil ? 0 : storedOffset),
      shape: lengths, strides: strides, itemSize: elementType.itemSize,
      fortranOrder: layout == .columnMajor)
    return NpyArray(part, of: self, fortranOrder: layout == .columnMajor)
  }

  /// The array itself, or one over the same elements where these lie in no order that can be read by
  /// `readBytes`.
  ///
  /// - Throws: what `part` throws.
  public func inOrder() throws(NpyError) -> NpyArray {
    layout == .strided && rowSource == nil && part == nil ? try part(.whole) : self
  }

  /// Reads the bytes of elements in C order, whatever their order in the file or in memory.
  ///
  /// - Throws: `NpyError` when range or buffer do not fit, or the file cannot be read.
  public func readElements(
    _ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer
  ) throws(NpyError) {
    if layout == .rowMajor { return try readBytes(storage: range, into: buffer) }
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw .rowsOutOfRange(file: file, found: range, available: count)
    }
    guard buffer.count == range.count * elementType.itemSize else {
      throw .wrongBuffer(file: file, found: buffer.count, expected: range.count)
    }
    if let part { return try part.inRows.read(range, into: buffer, file: file) }
    if stored != nil, let start = try start(inMemory: false) {
      // A file that is small enough is there as a whole, and shared.
      return try StridedElements(
        place: .memory(start, loaded), offset: 0, lengths: shape, strides: byteStrides,
        itemSize: elementType.itemSize
      ).read(range, into: buffer, file: file)
    }
    if let stored, Self.transposable.contains(elementType.itemSize), rowLength <= Self.widest {
      return try readTransposed(range, into: buffer, in: stored)
    }
    try part(.whole).part?.inRows.read(range, into: buffer, file: file)
  }

  /// Sizes of elements that are brought into another order many at a time.
  private static let transposable: Set<Int> = [1, 2, 4, 8]
  /// Elements of a row of which several fit in memory.
  private static let widest = 1 << 20

  /// The same for a file in Fortran order, of which whole rows are read.
  private func readTransposed(
    _ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer, in stored: StoredFile
  ) throws(NpyError) {
    guard let target = buffer.baseAddress, !range.isEmpty else { return }
    let (width, size) = (rowLength, elementType.itemSize)
    let first = range.lowerBound / width
    let last = (range.upperBound - 1) / width + 1
    try forEachTransposed(rows: first..<last, in: stored) {
      (source, offset, count) throws(NpyError) in
      let start = first * width + offset
      let wanted = range.clamped(to: start..<start + count)
      (target + (wanted.lowerBound - range.lowerBound) * size).copyMemory(
        from: source + (wanted.lowerBound - start) * size, byteCount: wanted.count * size)
    }
  }

  /// One item for each axis.
  private func axes(of wanted: Subscript) throws(NpyError) -> [Subscript.Item] {
    let named = wanted.items.filter { $0 != .rest }
    guard named.count <= shape.count else {
      throw .badIndex(
        file: file, found: "\(named.count) indices in [\(wanted)]",
        expected: "at most \(shape.count), for the shape \(ShapeText.tuple(shape))")
    }
    let all = Subscript.Item.range(from: nil, to: nil, step: 1)
    let missing = [Subscript.Item](repeating: all, count: shape.count - named.count)
    guard let gap = wanted.items.firstIndex(of: .rest) else { return named + missing }
    return named[..<gap] + missing + named[gap...]
  }
}

/// The elements of a part, in either order.
struct ArrayPart: Sendable {
  let shape: [Int]
  /// In the order of the array that they are a part of.
  let asStored: StridedElements
  /// In C order.
  let inRows: StridedElements

  init(
    place: StridedElements.Place, offset: Int, shape: [Int], strides: [Int], itemSize: Int,
    fortranOrder: Bool
  ) {
    self.shape = shape
    inRows = StridedElements(
      place: place, offset: offset, lengths: shape, strides: strides, itemSize: itemSize)
    asStored =
      !fortranOrder
      ? inRows
      : StridedElements(
        place: place, offset: offset, lengths: shape.reversed(), strides: strides.reversed(),
        itemSize: itemSize)
  }

  /// Calls `body` with raw elements, some at a time, and their place among those wanted.
  func forEachPiece(
    of range: Range<Int>, in elements: StridedElements, file: String,
    body: (UnsafeRawPointer, Int, Int) throws(NpyError) -> Void
  ) throws(NpyError) {
    let step = 1 << 14
    let scratch = try Memory(min(step, range.count) * elements.itemSize, for: file)
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let count = min(step, range.upperBound - first)
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: scratch.bytes[..<(count * elements.itemSize)])
      try elements.read(first..<first + count, into: piece, file: file)
      guard let start = piece.baseAddress else { return }
      try body(UnsafeRawPointer(start), first - range.lowerBound, count)
    }
  }
}
