import Npy

/// What has been seen of one part of an array. Lanes merge in the order of their parts.
final class Lane {
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
      note(measured, in: tile, at: index)
      histogram.add(tile, low: measured.minimum, high: measured.maximum)
      if !distinct.isFull { gather(tile, constant: measured.minimum == measured.maximum) }
      return (measured, true)
    }
    var measured = Figures()
    for value in tile { measured.add(Double(value)) }
    note(measured, in: tile, at: index)
    for value in tile where !value.isNaN {
      if value.isFinite { histogram.add(Double(value)) }
      distinct.insert(Double(value))
    }
    return (measured, false)
  }

  private func gather<Value: Sample>(_ tile: UnsafeBufferPointer<Value>, constant: Bool) {
    for value in constant ? UnsafeBufferPointer(rebasing: tile.prefix(1)) : tile {
      distinct.insert(Double(value))
      if distinct.isFull { return }
    }
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
    figures.merge(measured)
  }

  /// Adds what came later.
  func merge(_ other: Lane) {
    if other.figures.minimum < figures.minimum { minimumIndex = other.minimumIndex }
    if other.figures.maximum > figures.maximum { maximumIndex = other.maximumIndex }
    figures.merge(other.figures)
    distinct.merge(other.distinct)
    histogram.merge(other.histogram)
    if let columns = other.columns { self.columns?.merge(columns) }
  }
}
