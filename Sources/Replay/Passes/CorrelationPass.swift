import Npy
import Runs
import Tensors

/// The pass that measures how the columns of one array vary together.
///
/// Columns are standardized first, so that float32 products lose nothing to columns of another
/// scale; the second moments of the raw columns follow from theirs in double.
public struct CorrelationPass: Sendable {
  /// The most columns for which all pairs are measured.
  public static let columnLimit = 256
  private static let chunkRows = 512

  private let array: NpyArray
  private let mean: [Double]
  private let deviation: [Double]
  private let lanes: [Range<Int>]
  private let name: String
  let home: Run?

  /// A pass over an array whose columns are known; nil when it has more columns than
  /// `columnLimit`, no rows, or values that are not finite.
  public init?(_ array: NpyArray, _ vitals: ArrayVitals) {
    self.init(array, vitals, of: nil)
  }

  /// The same over an array of a run's data.
  public init?(_ run: Run, _ vitals: ArrayVitals) {
    guard let array = run.data[vitals.name] else { return nil }
    self.init(array, vitals, of: run.asOpened)
  }

  private init?(_ array: NpyArray, _ vitals: ArrayVitals, of home: Run?) {
    let columns = vitals.columns
    guard vitals.hasColumns, (1...Self.columnLimit).contains(columns.units), array.rows > 0,
      columns.nonFinite.allSatisfy({ $0 == 0 })
    else { return nil }
    self.init(
      array, vitals.name, mean: columns.mean,
      deviation: (0..<columns.units).map { columns.variance($0).squareRoot() }, home)
  }

  private init(
    _ array: NpyArray, _ name: String, mean: [Double], deviation: [Double], _ home: Run?
  ) {
    self.array = array
    self.name = name
    self.mean = mean
    self.deviation = deviation
    self.home = home
    lanes = Batches.lanes((array.rows + Self.chunkRows - 1) / Self.chunkRows)
  }

  /// Measures all rows.
  ///
  /// - Throws: `RunError` when the array cannot be read, or the caller cancels.
  public func run(
    workers: Int = 0, executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) -> Correlation {
    let sums = try Lanes.map(self, workers: workers, executor: executor, progress: progress)
    let count = mean.count
    return Correlation(
      mean: mean, deviation: deviation,
      products: (sums ?? [Double](repeating: 0, count: count * count)).map {
        $0 / Double(array.rows)
      })
  }

  private func products(
    _ chunks: Range<Int>, _ progress: Progress
  ) throws(RunError) -> [Double] {
    let width = mean.count
    let rows = Self.chunkRows
    var sums = [Double](repeating: 0, count: width * width)
    let buffers = try Buffers(rows, width)
    for chunk in chunks where !progress.isStopped {
      let range = chunk * rows..<min(array.rows, (chunk + 1) * rows)
      try standardize(range, into: buffers.values.base)
      let matrix = Matrix(buffers.values.base, rows: range.count, columns: width)
      do throws(TensorError) {
        try multiply(
          matrix.t, matrix, into: Matrix(buffers.product.base, rows: width, columns: width))
      } catch { throw .system(error) }
      for i in sums.indices { sums[i] += Double(buffers.product.base[i]) }
      progress.pulse()
    }
    return sums
  }

  /// Room for one chunk and its products.
  private struct Buffers {
    let arena: Arena
    let values: Tensor
    let product: Tensor

    init(_ rows: Int, _ width: Int) throws(RunError) {
      do throws(TensorError) {
        arena = try Arena(bytes: Arena.bytes(rows * width) + Arena.bytes(width * width))
        values = try arena.tensor(try Shape([rows, width]))
        product = try arena.tensor(try Shape([width, width]))
      } catch { throw .system(error) }
    }
  }

  /// Reads rows and takes mean and deviation out.
  private func standardize(
    _ rows: Range<Int>, into values: UnsafeMutablePointer<Float>
  ) throws(RunError) {
    let width = mean.count
    let buffer = UnsafeMutableBufferPointer(start: values, count: rows.count * width)
    do throws(NpyError) { try array.read(rows: rows, into: buffer) } catch { throw .npy(error) }
    for i in buffer.indices {
      let column = i % width
      let centered = Double(buffer[i]) - mean[column]
      buffer[i] = deviation[column] > 0 ? Float(centered / deviation[column]) : 0
    }
  }
}

extension CorrelationPass: LanePass {
  static var kind: PassKind { .correlation }
  var stage: String { "correlations" }
  var laneCount: Int { lanes.count }
  var reads: (names: [String], validation: Bool) { ([name], false) }

  func rows(of lane: Int) -> Range<Int> {
    let rows = Self.chunkRows
    return lanes[lane].lowerBound * rows..<min(array.rows, lanes[lane].upperBound * rows)
  }

  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<[Double]> {
    LaneWorker { (lane) throws(RunError) in try products(lanes[lane], progress) }
  }

  static func merge(_ all: inout [Double], _ next: consuming [Double]) {
    for i in all.indices { all[i] += next[i] }
  }

  func accepts(_ partial: [Double], of lane: Int) -> Bool {
    partial.count == mean.count * mean.count
  }

  func write(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(mean)
    writer.put(deviation)
  }

  init(_ run: Run, from reader: inout ByteReader) throws(RunError) {
    let name = try reader.value(String.self)
    let array = try run.arrays([name], validation: false)[0]
    let (mean, deviation) = (try reader.value([Double].self), try reader.value([Double].self))
    guard (1...Self.columnLimit).contains(mean.count), mean.count == deviation.count,
      mean.count == array.rowLength
    else {
      throw .shard(
        "columns of the pass", found: "\(mean.count) and \(deviation.count)",
        expected: "\(array.rowLength)")
    }
    self.init(array, name, mean: mean, deviation: deviation, run)
  }
}
