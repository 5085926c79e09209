/// Which columns of a matrix are measured, and how it is read.
struct ColumnPlan: Sendable {
  /// Columns of the matrix.
  let width: Int
  /// The columns that are measured: the first ones.
  let shown: Int
  /// Columns of the matrix as it is read.
  let readWidth: Int
  /// Whether it is read as one of four times the width.
  let isNarrow: Bool

  init(width: Int, limit: Int) {
    self.width = width
    shown = min(width, limit)
    isNarrow = width < 16
    readWidth = isNarrow ? 4 * width : width
  }
}

/// The figures of the first columns of a matrix.
///
/// Rows are taken four columns at a time, whose sums stay in registers while the rows of a tile go by.
/// A narrow matrix is read as one that is four times as wide and a quarter as high, so that every
/// vector is full; its columns are put together again at the end.
struct ColumnTable {
  let plan: ColumnPlan
  private var groups: [Group]
  private var figures: [Figures]

  /// Four columns whose rows have been summed up since the last flush.
  private struct Group {
    let start: Int
    var shift = SIMD4<Double>()
    var sum = SIMD4<Double>()
    var squares = SIMD4<Double>()
    var low = SIMD4<Double>(repeating: .infinity)
    var high = SIMD4<Double>(repeating: -.infinity)
    var zeros = SIMD4<Int64>()
    var negatives = SIMD4<Int64>()
  }

  private var pending = 0

  init(_ plan: ColumnPlan) {
    self.plan = plan
    let readWidth = plan.readWidth
    let measured = plan.isNarrow ? readWidth : plan.shown
    figures = [Figures](repeating: Figures(), count: measured)
    groups = stride(from: 0, to: measured, by: 4).map { start in
      Group(start: min(start, readWidth - 4))
    }
  }

  /// The figures of each measured column.
  mutating func result() -> [Figures] {
    flush()
    return (0..<plan.shown).map { column in
      var sum = Figures()
      for index in stride(from: column, to: figures.count, by: plan.width) {
        sum.merge(figures[index])
      }
      return sum
    }
  }

  mutating func merge(_ other: ColumnTable) {
    flush()
    var other = other
    other.flush()
    for index in figures.indices { figures[index].merge(other.figures[index]) }
  }

  /// Adds what was measured of a part of one column.
  mutating func merge(_ part: Figures, column: Int) { figures[column].merge(part) }

  /// Adds values one by one; the first one stands in this column.
  mutating func add<Value: Sample>(slowly tile: UnsafeBufferPointer<Value>, column: Int) {
    flush()
    var column = column
    for value in tile {
      if column < plan.shown { figures[column].add(Double(value)) }
      column += 1
      if column == plan.width { column = 0 }
    }
  }

  /// Adds whole rows of finite values.
  mutating func add<Value: Sample>(_ tile: UnsafeBufferPointer<Value>) {
    let readWidth = plan.readWidth
    let rows = tile.count / readWidth
    if let base = tile.baseAddress, rows > 0 {
      for index in groups.indices {
        if pending == 0 { groups[index].shift = Value.load4(base + groups[index].start) }
        Self.add(base + groups[index].start, rows: rows, stride: readWidth, to: &groups[index])
      }
      pending += rows
      if pending >= 512 { flush() }
    }
    let rest = tile.count - rows * readWidth
    if rest > 0 { add(slowly: UnsafeBufferPointer(rebasing: tile.suffix(rest)), column: 0) }
  }

  private static func add<Value: Sample>(
    _ base: UnsafePointer<Value>, rows: Int, stride: Int, to group: inout Group
  ) {
    var sums = group
    var pointer = base
    for _ in 0..<rows {
      let values = Value.load4(pointer)
      sums.low = sums.low.replacing(with: values, where: values .< sums.low)
      sums.high = sums.high.replacing(with: values, where: values .> sums.high)
      sums.zeros = sums.zeros &+ SIMD4<Int64>().replacing(with: 1, where: values .== 0)
      sums.negatives = sums.negatives &+ SIMD4<Int64>().replacing(with: 1, where: values .< 0)
      let difference = values - sums.shift
      sums.sum += difference
      sums.squares += difference * difference
      pointer += stride
    }
    group = sums
  }

  private mutating func flush() {
    guard pending > 0 else { return }
    for index in groups.indices {
      let group = groups[index]
      // The last group may begin inside the one before it, whose columns are not taken twice.
      for lane in (4 * index - group.start)..<4 where group.start + lane < figures.count {
        let part = Figures(
          count: pending, shift: group.shift[lane], sum: group.sum[lane],
          squares: group.squares[lane], minimum: group.low[lane], maximum: group.high[lane],
          zeros: Int(group.zeros[lane]), negatives: Int(group.negatives[lane]))
        figures[group.start + lane].merge(part)
      }
      groups[index] = Group(start: group.start)
    }
    pending = 0
  }
}
