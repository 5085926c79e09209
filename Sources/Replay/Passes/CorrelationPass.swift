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
  private let chunks: RowChunks
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
    chunks = RowChunks(rows: array.rows, size: Self.chunkRows)
  }

  /// Measures all rows.
  ///
  /// - Throws: `RunError` when the array cannot be read, or the caller cancels.
  public func run(
    workers: Int = 0, executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) -> Correlation {
    let sums = try merged(workers: workers, executor: executor, progress: progress)
    let count = mean.count
    return Correlation(
      mean: mean, deviation: deviation,
      products: (sums ?? [Double](repeating: 0, count: count * count)).map {
        $0 / Double(array.rows)
      })
  }

  /// Adds the products of the columns of some rows to sums.
  private func add(
    _ rows: Range<Int>, to sums: inout [Double], _ buffers: Buffers
  ) throws(RunError) {
    let width = mean.count
    let values = try buffers.rows.read(rows)
    guard let base = values.baseAddress else { return }
    standardize(values)
    let matrix = Matrix(base, rows: rows.count, columns: width)
    do throws(TensorError) {
      try multiply(
        matrix.t, matrix, into: Matrix(buffers.product.base, rows: width, columns: width))
    } catch { throw .system(error) }
    for i in sums.indices { sums[i] += Double(buffers.product.base[i]) }
  }

  /// Takes mean and deviation out of rows.
  private func standardize(_ values: UnsafeMutableBufferPointer<Float>) {
    let width = mean.count
    for i in values.indices {
      let column = i % width
      let centered = Double(values[i]) - mean[column]
      values[i] = deviation[column] > 0 ? Float(centered / deviation[column]) : 0
    }
  }

  /// What one thread reads chunks into, and their products.
  private struct Buffers {
    let rows: RowBuffer
    let arena: Arena
    let product: Tensor

    init(_ array: NpyArray, rows: Int, width: Int) throws(RunError) {
      self.rows = try RowBuffer(array, rows: rows)
      do throws(TensorError) {
        arena = try Arena(bytes: Arena.bytes(width * width))
        product = try arena.tensor(try Shape([width, width]))
      } catch { throw .system(error) }
    }
  }
}

extension CorrelationPass: PortablePass {
  static var kind: PassKind { .correlation }
  package var stage: String { "correlations" }
  package var laneCount: Int { chunks.laneCount }
  var reads: (names: [String], validation: Bool) { ([name], false) }

  func rows(of lane: Int) -> Range<Int> { chunks.rows(of: lane) }

  package func worker(_ progress: Progress) throws(RunError) -> LaneWorker<[Double]> {
    let width = mean.count
    let buffers = try Buffers(array, rows: chunks.size, width: width)
    return LaneWorker { (lane) throws(RunError) in
      var sums = [Double](repeating: 0, count: width * width)
      try chunks.forEach(of: lane, progress) { (rows) throws(RunError) in
        try add(rows, to: &sums, buffers)
      }
      return sums
    }
  }

  package static func merge(_ all: inout [Double], _ next: consuming [Double]) {
    for i in all.indices { all[i] += next[i] }
  }

  package func accepts(_ partial: [Double], of lane: Int) -> Bool {
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
