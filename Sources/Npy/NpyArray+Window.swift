import Synchronization

extension NpyArray {
  /// Some rows of an array whose others are elsewhere: reading those throws.
  ///
  /// - Parameters:
  ///   - windows: arrays with rows of one type and shape, and the place of their first rows. They may
  ///     leave gaps, but not overlap.
  ///   - rows: how many rows the whole array has.
  ///   - name: the name used in errors.
  /// - Throws: `NpyError` when the windows do not fit each other or the rows.
  public init(
    windows: [(start: Int, array: NpyArray)], rows: Int, name: String
  ) throws(NpyError) {
    let sorted = windows.sorted { $0.start < $1.start }
    guard let first = sorted.first?.array else {
      throw .badShard(file: name, found: "no rows", expected: "one window or more")
    }
    var end = 0
    for (start, array) in sorted {
      try Self.check(array, like: first)
      guard start >= end, array.rows <= rows - start else {
        throw .badShard(
          file: name, found: "\(array.rows) rows from row \(start) on",
          expected: "rows inside \(end)..<\(rows)")
      }
      end = start + array.rows
    }
    let source = WindowedRows(sorted.filter { $0.array.rows > 0 }, rows: rows, name)
    try self.init(
      rows: source, type: first.elementType, byteOrder: first.byteOrder,
      shape: [rows] + first.shape.dropFirst(), name: name)
  }

  /// An array of 32-bit floats whose rows are fetched whenever they are read.
  ///
  /// - Parameters:
  ///   - shape: with rows along the first dimension.
  ///   - name: the name used in errors.
  ///   - fetch: fills a buffer with the rows of some places, in C order; called by one thread at a
  ///     time.
  /// - Throws: `NpyError.badShape` when the shape is impossible.
  public init(
    shape: [Int], name: String,
    fetch:
      @escaping @Sendable (
        _ places: [Int], _ buffer: UnsafeMutableBufferPointer<Float>
      ) throws(NpyError) -> Void
  ) throws(NpyError) {
    try self.init(
      rows: FetchedRows(Array(shape.dropFirst()), name, fetch), type: .float32, byteOrder: .native,
      shape: shape, name: name)
  }
}

/// Rows of which only some are here.
final class WindowedRows: RowSource {
  private let windows: [(start: Int, array: NpyArray)]
  private let rows: Int
  private let name: String

  init(_ windows: [(start: Int, array: NpyArray)], rows: Int, _ name: String) {
    self.windows = windows
    self.rows = rows
    self.name = name
  }

  func forEachPiece(
    of range: Range<Int>,
    _ body: (_ piece: NpyArray, _ rows: Range<Int>, _ before: Int) throws(NpyError) -> Void
  ) throws(NpyError) {
    var row = range.lowerBound
    for (start, array) in windows where start + array.rows > row && start < range.upperBound {
      guard start <= row else { break }
      let end = min(range.upperBound, start + array.rows)
      try body(array, (row - start)..<(end - start), row - range.lowerBound)
      row = end
    }
    guard row == range.upperBound else {
      let here = windows.map { "\($0.start)..<\($0.start + $0.array.rows)" }
      throw .badShard(
        file: name,
        found: "no row \(row) in this process, which has \(here.joined(separator: ", "))",
        expected: "rows \(range.lowerBound)..<\(range.upperBound)")
    }
  }
}

/// Rows that somebody brings.
final class FetchedRows: RowSource {
  typealias Fetch =
    @Sendable (_ places: [Int], _ buffer: UnsafeMutableBufferPointer<Float>) throws(NpyError) ->
    Void

  private let rowShape: [Int]
  private let name: String
  private let fetch: Fetch
  private let turn = Mutex(())

  init(_ rowShape: [Int], _ name: String, _ fetch: @escaping Fetch) {
    self.rowShape = rowShape
    self.name = name
    self.fetch = fetch
  }

  func read(
    places: [Int], into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(NpyError) -> Bool {
    if places.isEmpty { return true }
    try turn.withLock { (_) throws(NpyError) in try fetch(places, buffer) }
    return true
  }

  func forEachPiece(
    of rows: Range<Int>,
    _ body: (_ piece: NpyArray, _ rows: Range<Int>, _ before: Int) throws(NpyError) -> Void
  ) throws(NpyError) {
    let shape = [rows.count] + rowShape
    let size = MemoryLayout<Float>.size
    let memory = try Memory(shape.reduce(size, *), for: name)
    memory.bytes.initializeMemory(as: UInt8.self, repeating: 0)
    _ = try read(places: Array(rows), into: memory.bytes.bindMemory(to: Float.self))
    let piece = try NpyArray(
      borrowing: UnsafeRawPointer(memory.bytes.baseAddress), type: .float32, shape: shape,
      owner: memory, name: name)
    try body(piece, 0..<rows.count, 0)
  }
}
