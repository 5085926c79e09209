import Npy
import Runs
import Tensors

/// Reads and measures chunks of rows on one thread.
final class DataWorker {
  private let arrays: [(name: String, array: NpyArray, buffer: RowBuffer)]
  private let bounds: [String: ClosedRange<Double>]

  init(
    _ arrays: [String: NpyArray], _ bounds: [String: ClosedRange<Double>], rows: Int
  ) throws(RunError) {
    self.arrays = try arrays.sorted { $0.key < $1.key }.map { (entry) throws(RunError) in
      (entry.key, entry.value, try RowBuffer(entry.value, rows: rows))
    }
    self.bounds = bounds
  }

  /// How many columns are measured one by one.
  static func units(_ array: NpyArray) -> Int {
    array.rowLength <= DataPass.columnLimit ? array.rowLength : 1
  }

  /// Measures a chunk; `before` is what its lane has seen so far.
  func measure(_ rows: Range<Int>, after before: DataVitals) throws(RunError) -> DataVitals {
    var result: [String: ArrayVitals] = [:]
    for (name, array, buffer) in arrays {
      let values = try buffer.read(rows)
      result[name] = try measure(name, array, rows, values, before.arrays[name])
    }
    return DataVitals(arrays: result)
  }

  private func measure(
    _ name: String, _ array: NpyArray, _ rows: Range<Int>,
    _ values: UnsafeMutableBufferPointer<Float>, _ before: ArrayVitals?
  ) throws(RunError) -> ArrayVitals {
    let width = array.rowLength
    let units = Self.units(array)
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
    let extremes = ExtremePlaces(
      tensor, of: columns, since: before?.columns, rows: rows, perSample: width / units)
    // Once there were too many different ones, there are none.
    let hasLabels = width == 1 && (before == nil || before?.labels != nil)
    return ArrayVitals(
      name: name, shape: array.shape, columns: columns, smallestSample: extremes.smallest,
      largestSample: extremes.largest, labels: hasLabels ? labels(values) : nil,
      digest: Digest.of(UnsafeBufferPointer(values)))
  }

  /// How often each value occurs; nil when there are too many different ones. Class indices are counted
  /// without looking them up.
  private func labels(_ values: UnsafeMutableBufferPointer<Float>) -> [Float: Int]? {
    var indices = [Int](repeating: 0, count: DataPass.labelLimit)
    var result: [Float: Int] = [:]
    for value in values where value.isFinite {
      if value >= 0, value < Float(DataPass.labelLimit), value == value.rounded(.towardZero) {
        indices[Int(value)] += 1
      } else {
        result[value, default: 0] += 1
        if result.count > DataPass.labelLimit { return nil }
      }
    }
    for (index, count) in indices.enumerated() where count > 0 { result[Float(index)] = count }
    return result.count > DataPass.labelLimit ? nil : result
  }
}
