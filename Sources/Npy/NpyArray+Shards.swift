import Glibc
import Synchronization

extension NpyArray {
  /// The .npy files of a folder, in the order of their names' bytes; hidden files and other names are
  /// left out.
  ///
  /// - Throws: `NpyError` when it is no folder, cannot be read, or holds no .npy file.
  public static func shards(in folder: String) throws(NpyError) -> [String] {
    guard let stream = opendir(folder) else {
      throw .cannotOpen(file: folder, reason: SystemFile.reason())
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".npy"), !name.hasPrefix(".") { names.append(name) }
    }
    guard !names.isEmpty else {
      throw .badShard(file: folder, found: "no .npy file in the folder", expected: "its shards")
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "\(folder)/\($0)" }
  }

  /// Whether there is a folder at a path.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The rows of some files one after the other. Only a few of the files are open at a time, and
  /// their rows are read when they are wanted.
  ///
  /// - Parameters:
  ///   - paths: .npy files of one type and one shape of rows; some may have no rows.
  ///   - name: the name used in errors about the whole.
  ///   - isCancelled: asked for every file; once true, the call ends by `NpyError.cancelled`.
  /// - Throws: `NpyError` that names the file which cannot be read, or is unlike the first.
  public init(
    shards paths: [String], name: String, isCancelled: () -> Bool = { false }
  ) throws(NpyError) {
    var first: NpyArray?
    var pieces: [ShardedRows.Piece] = []
    var rows = 0
    for path in paths {
      if isCancelled() { throw .cancelled(file: name) }
      let piece = try NpyArray(path: path)
      guard let like = first ?? (piece.shape.isEmpty ? nil : piece) else {
        throw .badShard(file: path, found: "a single number", expected: "rows")
      }
      try Self.check(piece, like: like)
      first = like
      pieces.append(.init(path: path, start: rows, rows: piece.rows, stamp: piece.stamp))
      let (sum, overflow) = rows.addingReportingOverflow(piece.rows)
      guard !overflow else {
        throw .badShape(file: name, found: "too many rows", expected: "at most \(Int.max)")
      }
      rows = sum
    }
    guard let first else {
      throw .badShard(file: name, found: "no .npy file", expected: "one or more")
    }
    let source = ShardedRows(pieces.filter { $0.rows > 0 })
    try self.init(
      rows: source, type: first.elementType, byteOrder: first.byteOrder,
      shape: [rows] + first.shape.dropFirst(), name: name)
  }
}

/// Rows in several files, of which a few are open.
final class ShardedRows: RowSource {
  /// Where one file's rows begin.
  struct Piece: Sendable {
    let path: String
    let start: Int
    let rows: Int
    /// What it was then.
    let stamp: FileStamp?
  }

  private let pieces: [Piece]
  /// The files opened last, the last one at the end.
  private let open = Mutex<[(index: Int, array: NpyArray)]>([])

  /// Enough for every thread to have a file of its own.
  private static let openLimit = 64

  /// - Parameter pieces: with rows, in order.
  init(_ pieces: [Piece]) { self.pieces = pieces }

  func forEachPiece(
    of rows: Range<Int>,
    _ body: (_ piece: NpyArray, _ rows: Range<Int>, _ before: Int) throws(NpyError) -> Void
  ) throws(NpyError) {
    var row = rows.lowerBound
    var index = place(of: row)
    while row < rows.upperBound, index < pieces.count {
      let piece = pieces[index]
      let end = min(rows.upperBound, piece.start + piece.rows)
      try body(
        try array(index), (row - piece.start)..<(end - piece.start), row - rows.lowerBound)
      row = end
      index += 1
    }
  }

  /// The file that holds a row.
  private func place(of row: Int) -> Int {
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].start + pieces[middle].rows <= row {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  private func array(_ index: Int) throws(NpyError) -> NpyArray {
    let found = open.withLock { open in open.first { $0.index == index }?.array }
    if let found { return found }
    let piece = pieces[index]
    let array = try NpyArray(path: piece.path)
    if let stamp = piece.stamp, stamp != array.stamp {
      throw .changed(file: piece.path, had: stamp.size, has: array.stamp?.size ?? 0)
    }
    open.withLock { open in
      if open.count >= Self.openLimit { open.removeFirst() }
      open.append((index, array))
    }
    return array
  }
}
