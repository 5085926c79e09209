import Npy
import Tensors

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

  /// A pass over some arrays with rows along axis 0.
  ///
  /// - Parameter bounds: by name, an interval: values strictly outside are counted.
  public init(_ arrays: [String: NpyArray], bounds: [String: ClosedRange<Double>] = [:]) {
    self.arrays = arrays
    self.bounds = bounds
  }

  /// Measures all rows.
  ///
  /// - Parameter workers: how many threads; 0 for one a core. The result does not depend on it.
  /// - Throws: `ReplayError` when an array cannot be read, or the caller cancels.
  public func run(
    workers: Int = 0, progress: Progress = Progress()
  ) throws(ReplayError) -> DataVitals {
    let rows = arrays.values.first?.rows ?? 0
    let widest = arrays.values.map(\.rowLength).max() ?? 1
    let chunk = max(1, min(4096, Self.chunkBytes / (4 * max(1, widest))))
    let chunks = (rows + chunk - 1) / chunk
    let lanes = Batches.lanes(chunks)
    progress.begin("data", total: lanes.count)
    let pass = self
    let merged = try Lanes.map(
      lanes.count, workers: workers, progress: progress,
      { () throws(ReplayError) in
        let worker = try DataWorker(pass.arrays, pass.bounds, rows: chunk)
        return LaneWorker { (lane) throws(ReplayError) in
          var vitals = DataVitals(arrays: [:])
          for index in lanes[lane] where !progress.isStopped {
            let range = index * chunk..<min(rows, (index + 1) * chunk)
            let part = try worker.measure(range)
            if vitals.arrays.isEmpty { vitals = part } else { vitals.merge(part) }
            progress.pulse()
          }
          return vitals
        }
      },
      merge: { $0.merge($1) })
    return merged ?? DataVitals(arrays: [:])
  }
}

/// Reads and measures chunks of rows on one thread.
private final class DataWorker {
  private let arrays: [(name: String, array: NpyArray)]
  private let bounds: [String: ClosedRange<Double>]
  private let arena: Arena
  private let buffers: [Tensor]

  init(
    _ arrays: [String: NpyArray], _ bounds: [String: ClosedRange<Double>], rows: Int
  ) throws(ReplayError) {
    self.arrays = arrays.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.bounds = bounds
    do throws(TensorError) {
      let counts = self.arrays.map { rows * $0.array.rowLength }
      arena = try Arena(bytes: counts.reduce(0) { $0 + Arena.bytes($1) })
      var buffers: [Tensor] = []
      for count in counts { buffers.append(try arena.tensor(try Shape([count]))) }
      self.buffers = buffers
    } catch { throw .system(error) }
  }

  func measure(_ rows: Range<Int>) throws(ReplayError) -> DataVitals {
    var result: [String: ArrayVitals] = [:]
    for (index, entry) in arrays.enumerated() {
      let width = entry.array.rowLength
      let count = rows.count * width
      let buffer = UnsafeMutableBufferPointer(start: buffers[index].base, count: count)
      do throws(NpyError) { try entry.array.stream(rows: rows, into: buffer) } catch {
        throw .npy(error)
      }
      result[entry.name] = try measure(entry.name, entry.array, rows, buffer)
    }
    return DataVitals(arrays: result)
  }

  private func measure(
    _ name: String, _ array: NpyArray, _ rows: Range<Int>,
    _ values: UnsafeMutableBufferPointer<Float>
  ) throws(ReplayError) -> ArrayVitals {
    let width = array.rowLength
    let units = width <= DataPass.columnLimit ? width : 1
    var columns = UnitMoments(units: units)
    var flat = UnitMoments.Flat()
    if let range = bounds[name] {
      flat = UnitMoments.Flat(
        below: Float(range.lowerBound).nextDown, above: Float(range.upperBound).nextUp)
    }
    guard let base = values.baseAddress, !values.isEmpty else {
      return ArrayVitals(
        name: name, shape: array.shape, columns: columns, smallestSample: [], largestSample: [],
        labels: nil, digest: 0)
    }
    let tensor: Tensor
    do throws(TensorError) {
      tensor = Tensor(base, try Shape([values.count / units, units]))
    } catch { throw .system(error) }
    columns.observe(
      tensor, UnitLayout(tensor.shape, axis: 1), flat, firstSample: rows.lowerBound)
    var smallest = [Int](repeating: rows.lowerBound, count: units)
    var largest = smallest
    for column in 0..<units where columns.minimum[column] < columns.maximum[column] {
      smallest[column] = find(columns.minimum[column], column, units, values, rows, width)
      largest[column] = find(columns.maximum[column], column, units, values, rows, width)
    }
    return ArrayVitals(
      name: name, shape: array.shape, columns: columns, smallestSample: smallest,
      largestSample: largest, labels: width == 1 ? labels(values) : nil,
      digest: Digest.of(UnsafeBufferPointer(values)))
  }

  /// The first sample with a value.
  private func find(
    _ value: Float, _ column: Int, _ step: Int, _ values: UnsafeMutableBufferPointer<Float>,
    _ rows: Range<Int>, _ width: Int
  ) -> Int {
    for i in stride(from: column, to: values.count, by: step) where values[i] == value {
      return rows.lowerBound + i / width
    }
    return rows.lowerBound
  }

  private func labels(_ values: UnsafeMutableBufferPointer<Float>) -> [Float: Int]? {
    var result: [Float: Int] = [:]
    for value in values where value.isFinite {
      result[value, default: 0] += 1
      if result.count > DataPass.labelLimit { return nil }
    }
    return result
  }
}
