/// An array in a file, in a member of an archive, or in memory that somebody else owns.
///
/// Nothing but a small file is loaded when it is created: elements are converted as rows are read, so an array may be
/// far larger than memory. Values are never written through it, and it may be shared by threads.
public struct NpyArray: @unchecked Sendable {
  /// The name used in errors: the path, `path:member` for a member, or the name of a view.
  public let file: String
  /// What each element is.
  public let elementType: ElementType
  /// The order of the bytes in each element.
  public let byteOrder: ByteOrder
  /// The length of each dimension; empty for a single number.
  public let shape: [Int]
  /// Bytes from one element to the next along each dimension; any sign for borrowed memory.
  public let byteStrides: [Int]
  /// Elements: the product of the shape.
  public let count: Int
  /// The header the array was read with; `nil` for borrowed memory.
  public let header: NpyHeader?
  /// Bytes in the file behind the data, which NumPy ignores; 0 for borrowed memory.
  public let trailingBytes: Int

  /// The element at index 0, …, 0 in memory; `nil` when there are no elements, or they are not there.
  let base: UnsafeRawPointer?
  /// Keeps the memory alive.
  let owner: AnyObject?
  /// The file that the elements are read from, when they are not in memory, and where they start.
  let stored: StoredFile?
  let storedOffset: Int
  /// What the file was when it was opened; nil for borrowed memory and members of archives.
  let stamp: FileStamp?
  /// The elements of the file, once somebody needs them all in memory.
  let loaded: LoadedElements?
  /// Where the rows come from when they do not lie in one piece; there is no `base` then.
  let rowSource: (any RowSource)?
  /// Where the elements lie that are a part of another array's; there is no `base` then.
  let part: ArrayPart?

  /// Files up to this size are held in memory from the start, and are open no longer than that takes.
  static let smallBytes = 16 << 10

  /// Opens a .npy file and reads its header.
  ///
  /// - Throws: `NpyError` when the file cannot be opened, is no .npy file, or is shorter than its
  ///   header promises.
  public init(path: String) throws(NpyError) {
    try self.init(source: StoredFile(path: path))
  }

  /// The array of an open .npy file.
  init(source: StoredFile) throws(NpyError) {
    if source.size <= Self.smallBytes {
      try self.init(
        memory: source.load(0..<source.size), file: source.file, stamp: source.stamp)
    } else {
      try self.init(in: source, range: 0..<source.size, file: source.file)
    }
  }

  /// An array whose .npy bytes, header included, are in memory.
  init(memory: Memory, file: String, stamp: FileStamp? = nil) throws(NpyError) {
    let bytes = UnsafeRawBufferPointer(memory.bytes)
    let header = try NpyHeader(parsing: bytes, file: file)
    try self.init(
      header, size: bytes.count, file: file,
      base: bytes.baseAddress.map { UnsafeRawPointer($0 + header.dataOffset) }, owner: memory,
      stamp: stamp)
  }

  /// An array whose .npy bytes, header included, are a part of a file.
  init(in source: StoredFile, range: Range<Int>, file: String) throws(NpyError) {
    let header = try NpyHeader(reading: source, range: range, file: file)
    try self.init(
      header, size: range.count, file: file, stored: source,
      at: range.lowerBound + header.dataOffset, stamp: source.stamp)
  }

  /// The same elements, with axes of length 1 put in or taken out behind the first.
  private init(_ other: NpyArray, shape: [Int], byteStrides: [Int]) {
    file = other.file
    elementType = other.elementType
    byteOrder = other.byteOrder
    self.shape = shape
    self.byteStrides = byteStrides
    count = other.count
    header = other.header
    trailingBytes = other.trailingBytes
    base = other.base
    owner = other.owner
    stored = other.stored
    storedOffset = other.storedOffset
    stamp = other.stamp
    loaded = other.loaded
    rowSource = other.rowSource
    part = other.part
  }

  /// Some elements of another array.
  init(_ part: ArrayPart, of other: NpyArray, fortranOrder: Bool) {
    file = other.file
    elementType = other.elementType
    byteOrder = other.byteOrder
    shape = part.shape
    byteStrides = Self.strides(
      of: part.shape, itemSize: other.elementType.itemSize, fortranOrder: fortranOrder)
    count = part.shape.reduce(1, *)
    header = other.header
    trailingBytes = 0
    base = nil
    owner = nil
    stored = nil
    storedOffset = 0
    stamp = other.stamp
    loaded = nil
    rowSource = nil
    self.part = part
  }

  /// Elements of a type and shape at an offset of a file that has no .npy header.
  ///
  /// The caller has checked that they lie inside.
  init(
    _ type: ElementType, shape: [Int], count: Int, in source: StoredFile, at offset: Int,
    file: String
  ) {
    self.file = file
    elementType = type
    byteOrder = type.itemSize > 1 ? .little : .notApplicable
    self.shape = shape
    byteStrides = Self.strides(of: shape, itemSize: type.itemSize, fortranOrder: false)
    self.count = count
    header = nil
    trailingBytes = 0
    base = nil
    owner = nil
    stored = source
    storedOffset = offset
    stamp = source.stamp
    loaded = LoadedElements()
    rowSource = nil
    part = nil
  }

  /// The array in a shape that differs from its own in axes of length 1 behind the first alone; nil
  /// when the shapes differ in anything else.
  public func squeezed(to shape: [Int]) -> NpyArray? {
    guard let rows = self.shape.first, shape.first == rows else { return nil }
    let kept = self.shape.indices.dropFirst().filter { self.shape[$0] != 1 }
    let wanted = shape.indices.dropFirst().filter { shape[$0] != 1 }
    guard kept.map({ self.shape[$0] }) == wanted.map({ shape[$0] }) else { return nil }
    var strides = [Int](repeating: elementType.itemSize, count: shape.count)
    strides[0] = byteStrides[0]
    for (from, to) in zip(kept, wanted) { strides[to] = byteStrides[from] }
    return NpyArray(self, shape: shape, byteStrides: strides)
  }

  private init(
    _ header: NpyHeader, size: Int, file: String, base: UnsafeRawPointer? = nil,
    owner: AnyObject? = nil, stored: StoredFile? = nil, at offset: Int = 0,
    stamp: FileStamp? = nil
  ) throws(NpyError) {
    let available = size - header.dataOffset
    let used = header.elementType == .object ? available : header.dataSize
    guard used <= available else {
      throw .truncatedData(file: file, found: available, expected: header.dataSize)
    }
    self.file = file
    elementType = header.elementType
    byteOrder = header.byteOrder
    shape = header.shape
    byteStrides = Self.strides(
      of: header.shape, itemSize: header.elementType.itemSize, fortranOrder: header.fortranOrder)
    count = header.count
    self.header = header
    trailingBytes = available - used
    self.base = base
    self.owner = owner
    self.stored = stored
    storedOffset = offset
    self.stamp = stamp
    loaded = stored == nil ? nil : LoadedElements()
    rowSource = nil
    part = nil
  }

  /// A view of memory that somebody else owns, such as a NumPy array passed through a C interface.
  ///
  /// - Parameters:
  ///   - pointer: the element at index 0, …, 0; may be `nil` when the shape has no elements.
  ///   - type: what each element is.
  ///   - byteOrder: the order of the bytes in each element.
  ///   - shape: the length of each dimension.
  ///   - byteStrides: bytes from one element to the next along each dimension; `nil` means C order.
  ///   - owner: what keeps the memory alive; it is held as long as the array is.
  ///   - name: the name used in errors.
  /// - Throws: `NpyError.badView` when shape and strides disagree or overflow, `badShape` when the
  ///   shape is impossible.
  public init(
    borrowing pointer: UnsafeRawPointer?, type: ElementType, byteOrder: ByteOrder = .native,
    shape: [Int], byteStrides: [Int]? = nil, owner: AnyObject? = nil, name: String = "array"
  ) throws(NpyError) {
    guard shape.count <= NpyHeader.dimensionLimit,
      let extent = NpyHeader.extent(of: shape, itemSize: type.itemSize)
    else {
      throw .badShape(
        file: name, found: ShapeText.tuple(shape),
        expected: "at most \(NpyHeader.dimensionLimit) dimensions whose bytes can be addressed")
    }
    let strides =
      byteStrides ?? Self.strides(of: shape, itemSize: type.itemSize, fortranOrder: false)
    guard strides.count == shape.count else {
      throw .badView(
        file: name, found: "\(strides.count) strides", expected: "\(shape.count), one a dimension")
    }
    guard extent.count == 0 || pointer != nil else {
      throw .badView(file: name, found: "no memory", expected: "\(extent.bytes) bytes")
    }
    if extent.count > 0 {
      try Self.check(strides, of: shape, at: pointer, itemSize: type.itemSize, name: name)
    }
    file = name
    elementType = type
    self.byteOrder = byteOrder
    self.shape = shape
    self.byteStrides = strides
    count = extent.count
    header = nil
    trailingBytes = 0
    base = extent.count == 0 ? nil : pointer
    self.owner = owner
    stored = nil
    storedOffset = 0
    stamp = nil
    loaded = nil
    rowSource = nil
    part = nil
  }
}
