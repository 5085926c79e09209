import Npy

/// What has been seen of one part of an array. Parts merge in their order.
final class SweepPart {
  var figures = Figures()
  var distinct = DistinctValues()
  let histogram: FineHistogram
  var columns: ColumnTable?
  /// Where the least and greatest value stand first, in the order of the elements in the file.
  var minimumIndex = 0
  var maximumIndex = 0
  var failure: NpyError?

  init<Value: Sample>(of value: Value.Type, columns: ColumnPlan?) {
    histogram = FineHistogram(precision: Value.precision, lowestExponent: Value.lowestExponent)
    self.columns = columns.map(ColumnTable.init)
  }

  /// Adds the next tile.
  ///
  /// - Returns: what was measured of this tile alone, and whether all of it was finite.
  func add<Value: Sample>(
    _ tile: UnsafeBufferPointer<Value>, at index: Int
  ) -> (figures: Figures, isFinite: Bool) {
    if let measured = Value.measure(tile) {
      take(measured, of: tile, all: tile, at: index)
      return (measured, true)
    }
    return withUnsafeTemporaryAllocation(of: Value.self, capacity: tile.count) { scratch in
      let (finite, others) = Figures.separate(tile, into: scratch)
      if let part = Value.measure(finite) {
        var measured = others
        measured.merge(part)
        take(measured, of: finite, all: tile, at: index)
        return (measured, false)
      }
      // Finite values whose sum is not.
      var measured = others
      for value in finite { measured.add(Double(value)) }
      note(measured, in: tile, at: index)
      for value in finite {
        histogram.add(Double(value))
        distinct.insert(Double(value))
      }
      return (measured, false)
    }
  }

  /// Adds what was measured, of which `finite` are the finite values of the whole tile.
  private func take<Value: Sample>(
    _ measured: Figures, of finite: UnsafeBufferPointer<Value>,
    all tile: UnsafeBufferPointer<Value>,
    at index: Int
  ) {
    note(measured, in: tile, at: index)
    guard !finite.isEmpty else { return }
    histogram.add(finite, low: measured.minimum, high: measured.maximum)
    if distinct.isFull { return }
    let isConstant = measured.minimum == measured.maximum
    distinct.insert(isConstant ? UnsafeBufferPointer(rebasing: finite.prefix(1)) : finite)
  }

  private func note<Value: Sample>(
    _ measured: Figures, in tile: UnsafeBufferPointer<Value>, at index: Int
  ) {
    if measured.minimum < figures.minimum {
      minimumIndex = index + (tile.firstIndex { Double($0) == measured.minimum } ?? 0)
    }
    if measured.maximum > figures.maximum {
      maximumIndex = index + (tile.firstIndex { Double($0) == measured.maximum } ?? 0)
    }
    if measured.positiveInfinities > 0 { distinct.insert(.infinity) }
    if measured.negativeInfinities > 0 { distinct.insert(-.infinity) }
    figures.merge(measured)
  }

  /// Adds what came later.
  func merge(_ other: SweepPart) {
    if other.figures.minimum < figures.minimum { minimumIndex = other.minimumIndex }
    if other.figures.maximum > figures.maximum { maximumIndex = other.maximumIndex }
    figures.merge(other.figures)
    distinct.merge(other.distinct)
    histogram.merge(other.histogram)
    if let columns = other.columns { self.columns?.merge(columns) }
  }
}
