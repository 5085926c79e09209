import Npy
import Runs

/// The pass over a data set itself: columns, labels and the digest of every array.
public struct DataPass: Sendable {
  /// The most columns of an array that are measured one by one.
  public static let columnLimit = 1 << 16
  /// The most different values of an array that are counted as labels.
  public static let labelLimit = 1000

  private let arrays: [String: NpyArray]
  /// By name: bounds outside of which values are counted in `below` and `above`.
  private let bounds: [String: ClosedRange<Double>]
  private let validation: Bool
  private let chunks: RowChunks
  let home: Run?

  /// A pass over some arrays with rows along axis 0.
  ///
  /// - Parameter bounds: by name, an interval: values strictly outside are counted.
  public init(_ arrays: [String: NpyArray], bounds: [String: ClosedRange<Double>] = [:]) {
    self.init(arrays, bounds, nil, validation: false)
  }

  /// A pass over the data of a run, or its validation data.
  public init(_ run: Run, validation: Bool = false, bounds: [String: ClosedRange<Double>] = [:]) {
    self.init(
      validation ? run.validation : run.data, bounds, run.asOpened,
      validation: validation)
  }

  private init(
    _ arrays: [String: NpyArray], _ bounds: [String: ClosedRange<Double>], _ home: Run?,
    validation: Bool
  ) {
    self.arrays = arrays
    self.bounds = bounds
    self.home = home
    self.validation = validation
    chunks = RowChunks(
      rows: arrays.values.first?.rows ?? 0, width: arrays.values.map(\.rowLength).max() ?? 1)
  }

  /// Measures all rows.
  ///
  /// - Parameters:
  ///   - workers: how many threads; 0 for one per core. The result does not depend on it.
  ///   - executor: what does the lanes elsewhere, of a pass over a run. Nor on this.
  /// - Throws: `RunError` when an array cannot be read, or the caller cancels.
  public func run(
    workers: Int = 0, executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) -> DataVitals {
    try merged(workers: workers, executor: executor, progress: progress)
      ?? DataVitals(arrays: [:])
  }
}

extension DataPass: PortablePass {
  static var kind: PassKind { .data }
  package var stage: String { "data" }
  package var laneCount: Int { chunks.laneCount }
  var reads: (names: [String], validation: Bool) { (arrays.keys.sorted(), validation) }

  func rows(of lane: Int) -> Range<Int> { chunks.rows(of: lane) }

  package func worker(_ progress: Progress) throws(RunError) -> LaneWorker<DataVitals> {
    let worker = try DataWorker(arrays, bounds, rows: chunks.size)
    return LaneWorker { (lane) throws(RunError) in
      var vitals = DataVitals(arrays: [:])
      try chunks.forEach(of: lane, progress) { (rows) throws(RunError) in
        let part = try worker.measure(rows, after: vitals)
        if vitals.arrays.isEmpty { vitals = part } else { vitals.merge(part) }
      }
      return vitals
    }
  }

  package static func merge(_ all: inout DataVitals, _ next: consuming DataVitals) {
    all.merge(next)
  }

  package func accepts(_ partial: DataVitals, of lane: Int) -> Bool {
    partial.arrays.count == arrays.count
      && arrays.allSatisfy { name, array in
        guard let vitals = partial.arrays[name], vitals.shape == array.shape else { return false }
        let units = DataWorker.units(array)
        let columns = array.rowLength > 0 ? units : 0
        return vitals.columns.units == units && vitals.smallestSample.count == columns
          && vitals.largestSample.count == columns
      }
  }

  func write(to writer: inout ByteWriter) {
    writer.put(validation)
    let names = bounds.keys.sorted()
    writer.put(names)
    for name in names {
      writer.put(bounds[name]?.lowerBound ?? 0)
      writer.put(bounds[name]?.upperBound ?? 0)
    }
  }

  init(_ run: Run, from reader: inout ByteReader) throws(RunError) {
    let validation = try reader.value(Bool.self)
    var bounds: [String: ClosedRange<Double>] = [:]
    for name in try reader.value([String].self) {
      let (lower, upper) = (try reader.value(Double.self), try reader.value(Double.self))
      guard lower <= upper else {
        throw .shard("bounds of the pass", found: "\(lower) to \(upper)", expected: "an interval")
      }
      bounds[name] = lower...upper
    }
    self.init(run, validation: validation, bounds: bounds)
  }
}
