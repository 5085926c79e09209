/// Counts on a grid that grows with the values.
final class FineHistogram {
  private(set) var grid: CellGrid?
  private(set) var counts = [Int](repeating: 0, count: CellGrid.cells)
  private var low = Double.infinity
  private var high = -Double.infinity
  private let table: UnsafeMutablePointer<UInt32>
  private var pending = 0
  private let precision: Int
  private let lowestExponent: Int

  init(precision: Int, lowestExponent: Int) {
    self.precision = precision
    self.lowestExponent = lowestExponent
    table = .allocate(capacity: 4 * CellGrid.tableSize)
    table.initialize(repeating: 0, count: 4 * CellGrid.tableSize)
  }

  deinit { table.deallocate() }

  /// Adds a tile of finite values with this least and greatest one.
  func add<Value: Sample>(_ tile: UnsafeBufferPointer<Value>, low: Double, high: Double) {
    if low == high { return add(low, times: tile.count) }
    guard let grid = fit(low, high) else { return }
    if pending > 1 << 30 { flush() }
    Value.tally(tile, grid: grid, table: table)
    pending += tile.count
  }

  /// Adds one finite value, many times.
  func add(_ value: Double, times: Int = 1) {
    guard let grid = fit(value, value) else { return }
    counts[min(max(0, grid.cell(of: value) - grid.origin), CellGrid.cells - 1)] += times
  }

  func merge(_ other: FineHistogram) {
    other.flush()
    flush()
    guard let source = other.grid, let target = fit(other.low, other.high) else { return }
    join(other.counts, on: source, into: target)
  }

  /// The counts again, in few bins of equal width from the least to the greatest value.
  ///
  /// A value within 1/512 of the range from the edge of a bin may be counted on its other side.
  func bins(_ count: Int, from low: Double, to high: Double) -> [Int] {
    flush()
    var bins = [Int](repeating: 0, count: count)
    guard let grid else { return bins }
    // Halves, because the width of the range itself may overflow.
    let width = high / 2 - low / 2
    for (index, number) in counts.enumerated() where number > 0 {
      let place = (grid.value(of: grid.origin + index) / 2 - low / 2) / width * Double(count)
      bins[place > 0 ? Int(min(place, Double(count - 1))) : 0] += number
    }
    return bins
  }

  private func fit(_ low: Double, _ high: Double) -> CellGrid? {
    if low >= self.low && high <= self.high { return grid }
    self.low = min(low, self.low)
    self.high = max(high, self.high)
    if let grid, grid.holds(self.low, self.high) { return grid }
    flush()
    let wider = CellGrid(
      from: self.low, to: self.high, precision: precision, lowestExponent: lowestExponent)
    let old = counts
    counts = [Int](repeating: 0, count: CellGrid.cells)
    if let grid { join(old, on: grid, into: wider) }
    grid = wider
    return wider
  }

  /// The target is not finer than the source and holds all its values.
  private func join(_ numbers: [Int], on source: CellGrid, into target: CellGrid) {
    let shift = target.exponent - source.exponent
    for (index, number) in numbers.enumerated() where number > 0 {
      let cell = (source.origin + index) >> shift
      counts[min(max(0, cell - target.origin), CellGrid.cells - 1)] += number
    }
  }

  private func flush() {
    guard pending > 0 else { return }
    pending = 0
    for index in 0..<4 * CellGrid.tableSize where table[index] > 0 {
      counts[min(index % CellGrid.tableSize, CellGrid.cells - 1)] += Int(table[index])
      table[index] = 0
    }
  }
}
