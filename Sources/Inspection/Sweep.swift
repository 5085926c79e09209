import Npy

/// One pass over the elements of an array, in the order in which they lie in the file.
///
/// The array is cut into parts, whose number depends on its size alone, and so does the result; threads
/// take parts as they come.
struct Sweep: Sendable {
  let array: NpyArray
  let columnLimit: Int
  let threads: Int
  /// Asked once a window: whether nobody waits for the result any more.
  let isCancelled: @Sendable () -> Bool

  /// Parts are not shorter than this, so that small arrays do not pay for merging.
  private static let shortest = 1 << 18
  private static let mostParts = 64
  private static let mostColumns = 1 << 17
  /// Elements after which it is asked whether to go on.
  private static let window = 1 << 20

  /// The figures of the whole, or what went wrong while reading.
  func run() throws(NpyError) -> SweepPart {
    switch array.elementType {
    case .float32, .float16, .bfloat16, .bool, .int8, .uint8, .int16, .uint16:
      try run(Float.self)
    default:
      try run(Double.self)
    }
  }

  private func run<Value: Sample>(_ value: Value.Type) throws(NpyError) -> SweepPart {
    let columns = isMatrix ? ColumnPlan(width: array.shape[1], limit: columnLimit) : nil
    let cuts = self.cuts(columns)
    let parts = (0..<max(1, cuts.count - 1)).map { _ in SweepPart(of: value, columns: columns) }
    let shared = SharedParts(parts)
    Threads.run(tasks: cuts.count - 1, threads: threads) { index in
      let part = shared.parts[index]
      do throws(NpyError) {
        var reader = TileReader<Value>(array: array, columns: columns)
        try sweep(cuts[index]..<cuts[index + 1], reader: &reader, part: part, columns: columns)
      } catch {
        part.failure = error
      }
    }
    for part in parts.dropFirst() { parts[0].merge(part) }
    if let failure = parts.lazy.compactMap(\.failure).first { throw failure }
    return parts[0]
  }

  private var isMatrix: Bool { array.shape.count == 2 && array.count > 0 && columnLimit > 0 }
  private var isColumnMajor: Bool { array.layout == .columnMajor }

  /// Where parts begin and end: at whole rows when there are many.
  private func cuts(_ columns: ColumnPlan?) -> [Int] {
    let count = array.count
    // Every part holds all columns that are shown; many of them must not fill the memory.
    let most = min(Self.mostParts, max(4, Self.mostColumns / max(1, columns?.shown ?? 1)))
    let parts = min(most, max(1, count / Self.shortest))
    var unit = 1
    if let columns, !isColumnMajor, count / parts > 8 * columns.readWidth {
      unit = columns.readWidth
    }
    let step = (count / parts + unit - 1) / unit * unit
    var cuts = Array(stride(from: 0, to: count, by: max(1, step)))
    cuts.append(count)
    return cuts
  }

  private func sweep<Value: Sample>(
    _ range: Range<Int>, reader: inout TileReader<Value>, part: SweepPart, columns: ColumnPlan?
  ) throws(NpyError) {
    var position = range.lowerBound
    var asked = position
    while position < range.upperBound {
      if position >= asked {
        // What was measured so far is for nobody.
        if isCancelled() { return }
        asked = position + Self.window
      }
      let length = tileLength(
        at: position, end: range.upperBound, most: reader.length, columns)
      let tile = try reader.read(
        position..<position + length, before: range.upperBound)
      let (figures, isFinite) = part.add(tile, at: position)
      if let columns { add(tile, figures, isFinite, at: position, to: part, columns: columns) }
      position += length
    }
  }

  /// A tile is whole rows, or a part of one row; in Fortran order it does not cross the end of a
  /// column that is shown.
  private func tileLength(at position: Int, end: Int, most: Int, _ columns: ColumnPlan?) -> Int {
    let length = min(most, end - position)
    guard let columns else { return length }
    if isColumnMajor {
      let height = array.shape[0]
      return position / height < columns.shown ? min(length, height - position % height) : length
    }
    let offset = position % columns.width
    if offset > 0 { return min(length, columns.width - offset) }
    if length >= columns.readWidth { return length / columns.readWidth * columns.readWidth }
    return min(length, columns.width)
  }

  private func add<Value: Sample>(
    _ tile: UnsafeBufferPointer<Value>, _ figures: Figures, _ isFinite: Bool, at position: Int,
    to part: SweepPart, columns: ColumnPlan
  ) {
    if isColumnMajor {
      let column = position / array.shape[0]
      if column < columns.shown { part.columns?.merge(figures, column: column) }
      return
    }
    let offset = position % columns.width
    if isFinite && offset == 0 && tile.count >= columns.readWidth {
      part.columns?.add(tile)
    } else if offset < columns.shown {
      part.columns?.add(slowly: tile, column: offset)
    }
  }
}

/// Parts, of which each is touched by one thread at a time.
private final class SharedParts: @unchecked Sendable {
  let parts: [SweepPart]
  init(_ parts: [SweepPart]) { self.parts = parts }
}
