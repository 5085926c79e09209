import Npy
import Runs

/// The pass over a data set itself: columns, labels and the digest of every array.
public struct DataPass: Sendable {
  /// The most columns of an array that are measured one by one.
  public static let columnLimit = 1 << 16
  /// The most different values of an array that are counted as labels.
  public static let labelLimit = 1000
  /// The most bytes of one array that are read at a time.
  private static let chunkBytes = 1 << 20

  private let arrays: [String: NpyArray]
  /// By name: bounds outside of which values are counted in `below` and `above`.
  private let bounds: [String: ClosedRange<Double>]
  private let validation: Bool
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
    rowCount = arrays.values.first?.rows ?? 0
    let widest = arrays.values.map(\.rowLength).max() ?? 1
    chunk = max(1, min(4096, Self.chunkBytes / (4 * max(1, widest))))
    lanes = Batches.lanes((rowCount + chunk - 1) / chunk)
  }

  private let rowCount: Int
  /// Rows that are read at a time.
  private let chunk: Int
  private let lanes: [Range<Int>]

  /// Measures all rows.
  ///
  /// - Parameters:
  ///   - workers: how many threads; 0 for one a core. The result does not depend on it.
  ///   - executor: what does the lanes elsewhere, of a pass over a run. Nor on this.
  /// - Throws: `RunError` when an array cannot be read, or the caller cancels.
  public func run(
    workers: Int = 0, executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) -> DataVitals {
    try Lanes.map(self, workers: workers, executor: executor, progress: progress)
      ?? DataVitals(arrays: [:])
  }
}

extension DataPass: LanePass {
  static var kind: PassKind { .data }
  var stage: String { "data" }
  var laneCount: Int { lanes.count }
  var reads: (names: [String], validation: Bool) { (arrays.keys.sorted(), validation) }

  func rows(of lane: Int) -> Range<Int> {
    lanes[lane].lowerBound * chunk..<min(rowCount, lanes[lane].upperBound * chunk)
  }

  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<DataVitals> {
    let worker = try DataWorker(arrays, bounds, rows: chunk)
    return LaneWorker { (lane) throws(RunError) in
      var vitals = DataVitals(arrays: [:])
      for index in lanes[lane] where !progress.isStopped {
        let range = index * chunk..<min(rowCount, (index + 1) * chunk)
        let part = try worker.measure(range, after: vitals)
        if vitals.arrays.isEmpty { vitals = part } else { vitals.merge(part) }
        progress.pulse()
      }
      return vitals
    }
  }

  static func merge(_ all: inout DataVitals, _ next: consuming DataVitals) { all.merge(next) }

  func accepts(_ partial: DataVitals, of lane: Int) -> Bool {
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
