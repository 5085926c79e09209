/// A grid of equal cells over the values seen so far; the width of a cell is a power of two and its
/// edges are multiples of it.
///
/// When values outside come, cells are joined in pairs until the range fits. The join is exact, so the
/// same counts come out as if the final width had been known from the start, in one pass.
///
/// A value's cell is found by one addition, after which the bits of the cell number stand in a fixed
/// place of the floating point number. It is rounded to 1/1024 of a cell on the way.
struct CellGrid: Equatable {
  /// Cells of a grid.
  static let cells = 1024
  /// Counters of a table: any number that the bits can hold.
  static let tableSize = 2048

  /// The width of a cell is two to this.
  let exponent: Int
  /// The number of the first cell: that of the value 0 would be 0.
  let origin: Int
  /// One over the width.
  let scale: Double
  /// Whether cells are as wide as the numbers at the end of the range are apart, so that a value stands
  /// at the lower edge of its cell.
  let isFinest: Bool

  /// The finest grid for a range of finite values.
  ///
  /// Cells are not finer than the numbers near the end of the range, nor than the smallest normal
  /// number.
  init(from low: Double, to high: Double, precision: Int, lowestExponent: Int) {
    let size = max(low.magnitude, high.magnitude)
    var exponent = lowestExponent
    if size > 0 { exponent = max(exponent, Int(size.exponent) - precision) }
    let finest = exponent
    let half = high / 2 - low / 2
    if half > 0 { exponent = max(exponent, Int(half.exponent) + 1 - 9) }
    while Self.cell(high, exponent) - Self.cell(low, exponent) >= Self.cells - 1 { exponent += 1 }
    let first = Self.cell(low, exponent)
    // In the middle, so that growth on either side does not move the cells each time.
    // Even, so that it is exact as a number of the type, whose integers end one bit earlier.
    origin = (first - (Self.cells - 1 - (Self.cell(high, exponent) - first)) / 2) & ~1
    self.exponent = exponent
    isFinest = exponent == finest
    scale = Self.power(-exponent)
  }

  /// Whether all values of a range have a cell.
  func holds(_ low: Double, _ high: Double) -> Bool {
    let first = low * scale
    let last = high * scale
    return first >= Double(origin) && last < Double(origin + Self.cells)
  }

  /// The number of the cell of a value, not less than the origin's.
  func cell(of value: Double) -> Int { Int((value * scale).rounded(.down)) }

  /// A value that stands for those in a cell.
  func value(of cell: Int) -> Double {
    (Double(cell) + (isFinest ? 0 : 0.5)) * Self.power(exponent)
  }

  private static func cell(_ value: Double, _ exponent: Int) -> Int {
    Int((value * power(-exponent)).rounded(.down))
  }

  static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}
