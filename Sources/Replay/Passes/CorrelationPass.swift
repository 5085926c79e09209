import Npy
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

  /// A pass over an array whose columns are known; nil when it has more columns than
  /// `columnLimit`, no rows, or values that are not finite.
  public init?(_ array: NpyArray, _ vitals: ArrayVitals) {
    let columns = vitals.columns
    guard vitals.hasColumns, (1...Self.columnLimit).contains(columns.units), array.rows > 0,
      columns.nonFinite.allSatisfy({ $0 == 0 })
    else { return nil }
    self.array = array
    mean = columns.mean
    deviation = (0..<columns.units).map { columns.variance($0).squareRoot() }
  }

  /// Measures all rows.
  ///
  /// - Throws: `ReplayError` when the array cannot be read, or the caller cancels.
  public func run(
    workers: Int = 0, progress: Progress = Progress()
  ) throws(ReplayError) -> Correlation {
    let chunks = (array.rows + Self.chunkRows - 1) / Self.chunkRows
    let lanes = Batches.lanes(chunks)
    progress.begin("correlations", total: lanes.count)
    let pass = self
    let sums = try Lanes.map(
      lanes.count, workers: workers, progress: progress,
      { () throws(ReplayError) in
        LaneWorker { (lane) throws(ReplayError) in
          try pass.products(lanes[lane], progress)
        }
      },
      merge: { all, more in for i in all.indices { all[i] += more[i] } })
    let count = mean.count
    return Correlation(
      mean: mean, deviation: deviation,
      products: (sums ?? [Double](repeating: 0, count: count * count)).map {
        $0 / Double(array.rows)
      })
  }

  private func products(
    _ chunks: Range<Int>, _ progress: Progress
  ) throws(ReplayError) -> [Double] {
    let width = mean.count
    let rows = Self.chunkRows
    var sums = [Double](repeating: 0, count: width * width)
    let room = try Room(rows, width)
    for chunk in chunks where !progress.isStopped {
      let range = chunk * rows..<min(array.rows, (chunk + 1) * rows)
      try standardize(range, into: room.values.base)
      let matrix = Matrix(room.values.base, rows: range.count, columns: width)
      do throws(TensorError) {
        try multiply(
          matrix.t, matrix, into: Matrix(room.product.base, rows: width, columns: width))
      } catch { throw .system(error) }
      for i in sums.indices { sums[i] += Double(room.product.base[i]) }
    }
    return sums
  }

  /// Room for one chunk and its products.
  private struct Room {
    let arena: Arena
    let values: Tensor
    let product: Tensor

    init(_ rows: Int, _ width: Int) throws(ReplayError) {
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
  ) throws(ReplayError) {
    let width = mean.count
    let buffer = UnsafeMutableBufferPointer(start: values, count: rows.count * width)
    do throws(NpyError) { try array.stream(rows: rows, into: buffer) } catch { throw .npy(error) }
    for i in buffer.indices {
      let column = i % width
      let centered = Double(buffer[i]) - mean[column]
      buffer[i] = deviation[column] > 0 ? Float(centered / deviation[column]) : 0
    }
  }
}

/// How the columns of an array vary together.
public struct Correlation: Sendable {
  /// By column.
  public let mean: [Double]
  /// By column, the standard deviation.
  public let deviation: [Double]
  /// The correlation of every pair of columns, row by row; 0 for a constant column.
  public let products: [Double]

  /// The eigenvalues, smallest first, of the mean of `x̃·x̃ᵀ` with x̃ the columns and a 1 for the
  /// bias: what the Hessian of a linear layer is made of (LeCun et al., Efficient BackProp, 1998).
  ///
  /// - Parameter standardized: of columns with mean 0 and deviation 1 rather than the raw ones.
  public func spectrum(standardized: Bool) -> [Double]? {
    let width = mean.count
    let order = width + 1
    var matrix = [Double](repeating: 0, count: order * order)
    matrix[order * order - 1] = 1
    for i in 0..<width {
      for j in 0..<width {
        let correlation = products[i * width + j]
        matrix[i * order + j] =
          standardized
          ? correlation : correlation * deviation[i] * deviation[j] + mean[i] * mean[j]
      }
      if !standardized {
        matrix[i * order + width] = mean[i]
        matrix[width * order + i] = mean[i]
      }
    }
    return symmetricEigenvalues(matrix, order: order)
  }
}
