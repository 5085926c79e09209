import Tensors

/// By column: the first samples with the smallest and with the largest value of a chunk of rows.
struct ExtremePlaces {
  private(set) var smallest: [Int]
  private(set) var largest: [Int]

  /// Finds the extremes that `columns` has measured, sixteen columns at a time.
  ///
  /// - Parameters:
  ///   - values: rows of columns, from an arena.
  ///   - before: what was measured earlier. The place of an extreme that is none beside it will not be
  ///     asked for, nor that of a constant column: it is the first sample then.
  ///   - rows: the samples of the chunk.
  ///   - perSample: rows of `values` that belong to one sample.
  init(
    _ values: Tensor, of columns: UnitMoments, since before: UnitMoments?, rows: Range<Int>,
    perSample: Int
  ) {
    smallest = [Int](repeating: rows.lowerBound, count: columns.units)
    largest = smallest
    for start in stride(from: 0, to: columns.units, by: 16) {
      let group = start..<min(start + 16, columns.units)
      var (least, greatest) = (Vector.zero, Vector.zero)
      var isNew = false
      for column in group {
        let (low, high) = (columns.minimum[column], columns.maximum[column])
        (least[column - start], greatest[column - start]) = (low, high)
        let (oldLow, oldHigh) =
          before.map { ($0.minimum[column], $0.maximum[column]) }
          ?? (.infinity, -.infinity)
        if low < high, low < oldLow || high > oldHigh { isNew = true }
      }
      guard isNew else { continue }
      let found = Self.samples(
        of: least, greatest, from: values.base + start, every: columns.units, rows.count, perSample)
      for column in group where columns.minimum[column] < columns.maximum[column] {
        smallest[column] += Int(found.smallest[column - start])
        largest[column] += Int(found.largest[column - start])
      }
    }
  }

  /// The first samples that have those values, as floats: a chunk has few enough of them. They are
  /// gone through from the last one, so that the first one stays.
  @inline(__always)
  private static func samples(
    of least: Vector, _ greatest: Vector, from base: UnsafeMutablePointer<Float>, every step: Int,
    _ count: Int, _ perSample: Int
  ) -> (smallest: Vector, largest: Vector) {
    var (smallest, largest) = (Vector.zero, Vector.zero)
    for sample in (0..<count).reversed() {
      let place = Vector(repeating: Float(sample))
      for row in (sample * perSample)..<((sample + 1) * perSample) {
        let x = (base + row * step).vector
        smallest = smallest.replacing(with: place, where: x .== least)
        largest = largest.replacing(with: place, where: x .== greatest)
      }
    }
    return (smallest, largest)
  }
}
