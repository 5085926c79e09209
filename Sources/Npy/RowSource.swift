/// Where the rows of an array come from that does not lie in one piece.
protocol RowSource: AnyObject, Sendable {
  /// Calls `body` with the pieces that hold some rows, in order: an array, its rows, and how many
  /// rows came before.
  ///
  /// - Throws: `NpyError` when rows are not there, or cannot be read, and what `body` throws.
  func forEachPiece(
    of rows: Range<Int>,
    _ body: (_ piece: NpyArray, _ rows: Range<Int>, _ before: Int) throws(NpyError) -> Void
  ) throws(NpyError)

  /// Reads rows from any places at once; false where one after the other is as good.
  func read(places: [Int], into buffer: UnsafeMutableBufferPointer<Float>) throws(NpyError) -> Bool
}

extension RowSource {
  func read(places: [Int], into buffer: UnsafeMutableBufferPointer<Float>) throws(NpyError) -> Bool
  {
    false
  }
}

extension NpyArray {
  /// An array whose rows come from elsewhere.
  ///
  /// - Throws: `NpyError.badShape` when the shape is impossible.
  init(
    rows source: any RowSource, type: ElementType, byteOrder: ByteOrder, shape: [Int], name: String
  ) throws(NpyError) {
    guard !shape.isEmpty, shape.count <= NpyHeader.dimensionLimit,
      let extent = NpyHeader.extent(of: shape, itemSize: type.itemSize)
    else {
      throw .badShape(
        file: name, found: ShapeText.tuple(shape),
        expected: "1 to \(NpyHeader.dimensionLimit) dimensions whose bytes can be addressed")
    }
    file = name
    elementType = type
    self.byteOrder = byteOrder
    self.shape = shape
    byteStrides = Self.strides(of: shape, itemSize: type.itemSize, fortranOrder: false)
    count = extent.count
    header = nil
    trailingBytes = 0
    base = nil
    owner = nil
    stored = nil
    storedOffset = 0
    stamp = nil
    loaded = nil
    rowSource = source
    part = nil
  }

  /// Checks that a piece has rows like those of another.
  static func check(
    _ piece: NpyArray, like first: NpyArray
  ) throws(NpyError) {
    guard piece.elementType == first.elementType, !piece.shape.isEmpty,
      piece.shape.dropFirst() == first.shape.dropFirst()
    else {
      throw .badShard(
        file: piece.file, found: "\(piece.elementType.name) \(ShapeText.tuple(piece.shape))",
        expected: "\(first.elementType.name) rows of shape "
          + "\(ShapeText.tuple(Array(first.shape.dropFirst()))), as in \(first.file)")
    }
  }
}
