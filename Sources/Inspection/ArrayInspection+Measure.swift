import Npy

extension ArrayInspection {
  /// Describes an array and measures its elements in one pass.
  ///
  /// - Parameters:
  ///   - array: an array in a file or in memory.
  ///   - found: where it was found.
  ///   - isCancelled: asked now and then; once true, what is measured is worth nothing.
  ///   - options: how much is measured; a result never depends on the number of threads.
  /// - Throws: `NpyError` when the elements cannot be read.
  init(
    measuring array: NpyArray, found: FoundArray, options: InspectionOptions,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(NpyError) {
    let header = array.header
    path = found.path
    member = found.member
    slice = found.wanted?.description
    wholeShape = found.wanted == nil ? nil : header?.shape ?? found.shape
    kind = array.elementType.isReal ? .real : array.elementType.isComplex ? .complex : .described
    type = array.elementType.name
    descr = header?.descr ?? array.elementType.descr(order: array.byteOrder) ?? type
    byteOrder = array.byteOrder.name
    order = header?.fortranOrder == true ? "F" : "C"
    shape = array.shape
    count = array.count
    itemSize = array.elementType.itemSize
    dataBytes = array.count * array.elementType.itemSize
    let ownBytes = (header?.dataOffset ?? 0) + dataBytes + array.trailingBytes
    fileBytes = found.packed?.packedSize ?? ownBytes
    compressed = found.packed?.isCompressed
    headerVersion = header?.version.description ?? ""
    dataOffset = header?.dataOffset ?? 0
    aligned = array.isAligned
    trailingBytes = array.trailingBytes
    warnings = []
    if kind != .described, array.count > 0, !options.isMeta {
      try measure(array, options, isCancelled)
    }
    warnings = Self.warnings(of: self) + warnings
  }

  private mutating func measure(
    _ array: NpyArray, _ options: InspectionOptions, _ isCancelled: @escaping @Sendable () -> Bool
  ) throws(NpyError) {
    let whole = try Sweep(
      array: array, columnLimit: options.columns, threads: options.threads,
      isCancelled: isCancelled
    ).run()
    let found = whole.figures
    var columns = whole.columns
    let shown = columns?.result() ?? []
    let careful = try CarefulSweep(array: array, isCancelled: isCancelled).run(found, shown)
    let isFinite = found.moments.count > 0
    let distinct = whole.distinct.count + (found.nans > 0 ? 1 : 0)
    figures = ElementFigures(
      finite: found.moments.count,
      minimum: isFinite ? found.minimum : nil,
      minimumIndex: isFinite ? array.index(of: whole.minimumIndex) : nil,
      maximum: isFinite ? found.maximum : nil,
      maximumIndex: isFinite ? array.index(of: whole.maximumIndex) : nil,
      mean: isFinite ? careful.whole?.mean ?? found.moments.mean : nil,
      deviation: isFinite ? careful.whole?.deviation ?? found.moments.deviation : nil,
      zeros: found.zeros, negative: found.negatives, nan: found.nans,
      positiveInfinity: found.positiveInfinities, negativeInfinity: found.negativeInfinities,
      distinct: distinct > DistinctValues.limit ? nil : distinct,
      constant: distinct == 1)
    if options.quantiles, isFinite {
      figures?.quantiles = try QuantileSearch(array: array, isCancelled: isCancelled).run()
    }
    if let integers = careful.integers { take(integers, of: array, hasColumns: !shown.isEmpty) }
    if isFinite {
      histogram = Histogram(
        whole.histogram, from: found.minimum, to: found.maximum, bins: options.bins,
        whole: array.elementType.isInteger || array.elementType == .bool)
    }
    if let columns {
      self.columns = Columns(
        total: columns.plan.width,
        shown: shown.enumerated().map { ColumnFigures($1, careful.columns[$0]) })
    }
  }

  /// Integers that no double holds.
  private mutating func take(_ integers: WideIntegers, of array: NpyArray, hasColumns: Bool) {
    let least = array.index(of: integers.minimumPlace)
    let greatest = array.index(of: integers.maximumPlace)
    figures?.exactMinimum = integers.minimum
    figures?.exactMaximum = integers.maximum
    figures?.minimumIndex = least
    figures?.maximumIndex = greatest
    figures?.mean = integers.mean
    figures?.deviation = integers.deviation
    figures?.distinct = integers.distinct
    figures?.constant = integers.distinct == 1
    warnings.append(
      "integers beyond 2^53: mean, std and histogram\(hasColumns ? " and columns" : "") are rounded"
    )
  }

  private static func warnings(of array: ArrayInspection) -> [String] {
    var warnings: [String] = []
    if let figures = array.figures {
      let infinite = figures.positiveInfinity + figures.negativeInfinity
      if figures.nan > 0 { warnings.append("\(NumberText.count(figures.nan)) NaN") }
      if infinite > 0 { warnings.append("\(NumberText.count(infinite)) infinite") }
      if figures.constant && array.count > 1 { warnings.append("all elements are equal") }
    }
    if array.count == 0 { warnings.append("no elements") }
    if array.type == "bfloat16" {
      warnings.append("type \(array.descr) is read as bfloat16, as ml_dtypes writes it")
    }
    if array.kind == .described { warnings.append("elements of this type are only described") }
    if array.trailingBytes > 0 {
      warnings.append("\(NumberText.count(array.trailingBytes)) bytes behind the data")
    }
    return warnings
  }
}

extension NpyArray {
  /// The index of the element at a place in the order of the file.
  func index(of place: Int, order: Layout? = nil) -> [Int] {
    var rest = place
    var index = [Int](repeating: 0, count: shape.count)
    let isColumnMajor = (order ?? layout) == .columnMajor
    for axis in isColumnMajor ? Array(shape.indices) : shape.indices.reversed() {
      index[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    return index
  }
}

extension Histogram {
  /// Bins from the least to the greatest value; whole numbers get a bin each when there are enough.
  fileprivate init(
    _ fine: FineHistogram, from low: Double, to high: Double, bins: Int, whole: Bool
  ) {
    if whole && high - low < Double(bins) && low < high {
      let count = Int(high - low) + 1
      self.init(
        edges: (0...count).map { low - 0.5 + Double($0) },
        counts: fine.bins(count, from: low - 0.5, to: high + 0.5))
      return
    }
    if low == high {
      self.init(edges: [low, high], counts: fine.bins(1, from: low - 1, to: high + 1))
      return
    }
    let edges = (0...bins).map { index in
      let share = Double(index) / Double(bins)
      return index == bins ? high : low * (1 - share) + high * share
    }
    self.init(edges: edges, counts: fine.bins(bins, from: low, to: high))
  }
}

extension ColumnFigures {
  fileprivate init(_ figures: Figures, _ careful: (mean: Double, deviation: Double)?) {
    let isFinite = figures.moments.count > 0
    self.init(
      minimum: isFinite ? figures.minimum : nil, maximum: isFinite ? figures.maximum : nil,
      mean: isFinite ? careful?.mean ?? figures.moments.mean : nil,
      deviation: isFinite ? careful?.deviation ?? figures.moments.deviation : nil,
      zeros: figures.zeros, nan: figures.nans,
      infinite: figures.positiveInfinities + figures.negativeInfinities)
  }
}
