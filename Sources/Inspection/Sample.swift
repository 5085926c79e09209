/// What tiles are made of: 32-bit floats or doubles.
///
/// The two loops over a tile are written out for each, with vectors of a size that the compiler keeps
/// in registers.
protocol Sample: BinaryFloatingPoint & Sendable {
  /// Measures a tile. `nil` when a value or a sum is not finite: then values are taken one by one.
  static func measure(_ tile: UnsafeBufferPointer<Self>) -> Figures?
  /// Counts the cells of a tile whose values all fit the grid.
  ///
  /// - Parameter table: four tables of `CellGrid.tableSize` counters. Neighbours go to different ones,
  ///   so that equal values do not wait for each other.
  static func tally(
    _ tile: UnsafeBufferPointer<Self>, grid: CellGrid, table: UnsafeMutablePointer<UInt32>)
  /// Four values as doubles.
  static func load4(_ pointer: UnsafePointer<Self>) -> SIMD4<Double>
  /// Elements of a tile that stays in the first cache.
  static var tileLength: Int { get }
  /// The bits behind the first of a significand.
  static var precision: Int { get }
  /// The exponent of the smallest normal number.
  static var lowestExponent: Int { get }
  /// Bits of a key.
  static var keyBits: Int { get }
  /// A number that is greater for a greater value; -0 comes before 0.
  var orderedKey: UInt64 { get }
  /// The value of a key.
  init(orderedKey: UInt64)
}

extension Figures {
  /// From sums over some values, of their differences from a value among them.
  init(
    count: Int, shift: Double, sum: Double, squares: Double, minimum: Double, maximum: Double,
    zeros: Int, negatives: Int
  ) {
    let mean = sum / Double(count)
    moments = Moments(count: count, mean: shift + mean, squares: max(0, squares - sum * mean))
    self.minimum = minimum
    self.maximum = maximum
    self.zeros = zeros
    self.negatives = negatives
  }
}
