import Npy
import Operators
import Runs

/// Features and targets of a subsample as plain tables, for predictors that need no network.
public struct SampleTable: Sendable {
  /// The most features of a sample.
  public static let widthLimit = 1 << 14
  /// The most classes that become a column each.
  public static let classLimit = 256

  /// Rows of the table.
  public let samples: Int
  /// Features of a sample: all inputs, flattened, one after the other.
  public let width: Int
  /// samples × width, each column with mean 0 and deviation 1 (0 where it is constant).
  public let features: [Float]
  /// By loss: its targets; nil where they are not finite or have too many classes.
  public let targets: [Targets?]

  /// The targets of one loss.
  public struct Targets: Sendable {
    /// samples × columns; class indices have become one column per class.
    public let values: [Float]
    /// Columns of a sample.
    public let columns: Int
    /// Whether the columns are classes.
    public let isClasses: Bool
  }

  /// The table of a run, which should be a subsample; nil when it has no inputs, too many features,
  /// or features that are not finite.
  ///
  /// - Throws: `RunError.npy` when the data cannot be read.
  public init?(_ run: Run) throws(RunError) {
    let inputs = run.graph.inputs.filter { run.data[run.graph.tensors[$0]] != nil }
    let arrays = inputs.compactMap { run.data[run.graph.tensors[$0]] }
    let ids = inputs.map { run.graph.holdsIds($0) }
    let width = zip(arrays, ids).reduce(0) { $0 + Self.width($1.0, $1.1) }
    guard width > 0, width <= Self.widthLimit, run.samples > 0 else { return nil }
    var features = [Float](repeating: 0, count: run.samples * width)
    var start = 0
    for (array, isIds) in zip(arrays, ids) {
      let values = try bridging(array.floats())
      let length = array.rowLength
      guard !isIds else {
        // Of ids it counts which occur, not how large they are; more than there are columns share some.
        for (index, value) in values.enumerated() where value.isFinite && length > 0 {
          let column = Int(min(abs(value), 1e9)) % Self.idColumns
          features[index / length * width + start + column] += 1
        }
        start += Self.idColumns
        continue
      }
      for row in 0..<run.samples {
        for column in 0..<length {
          features[row * width + start + column] = values[row * length + column]
        }
      }
      start += length
    }
    guard features.allSatisfy(\.isFinite) else { return nil }
    Self.standardize(&features, width)
    var targets: [Targets?] = []
    for term in run.losses { targets.append(try Self.targets(term, run)) }
    samples = run.samples
    self.width = width
    self.features = features
    self.targets = targets
  }

  /// Columns that the counts of ids go to.
  static let idColumns = 128

  private static func width(_ array: NpyArray, _ isIds: Bool) -> Int {
    isIds ? idColumns : array.rowLength
  }

  /// The run that the table was made of, on the standardized features.
  ///
  /// - Throws: `RunError` when memory is short.
  func standardized(_ run: Run) throws(RunError) -> Run {
    var values: [String: NpyArray] = [:]
    var start = 0
    for input in run.graph.inputs {
      let name = run.graph.tensors[input]
      guard let array = run.data[name] else { continue }
      guard !run.graph.holdsIds(input) else {
        values[name] = array
        start += Self.idColumns
        continue
      }
      let length = array.rowLength
      let block = FloatBlock(array.count)
      for row in 0..<samples {
        for column in 0..<length {
          block.buffer[row * length + column] = features[row * width + start + column]
        }
      }
      values[name] = try block.array(array.shape, name: name)
      start += length
    }
    return run.replacingData(values, rows: samples)
  }

  /// The participation ratio of the features (Gao et al., 2017): traces of the covariance and of its
  /// square, taken from the inner products of columns or of rows, of which there are fewer; nil when
  /// all features are constant.
  var effectiveRank: Double? {
    let table = CentredTable(features, samples: samples, width: width)
    let order = table.isTall ? width : samples
    let products = table.isTall ? table.columnProducts() : table.rowProducts()?.map(Double.init)
    guard let products else { return nil }
    var (trace, square) = (0.0, 0.0)
    for row in 0..<order { trace += products[row * order + row] }
    for value in products { square += value * value }
    return square > 0 ? trace * trace / square : nil
  }

  /// Takes mean and deviation out of every column.
  static func standardize(_ values: inout [Float], _ width: Int) {
    let rows = values.count / max(1, width)
    guard rows > 0 else { return }
    for column in 0..<width {
      var mean = 0.0
      for row in 0..<rows { mean += Double(values[row * width + column]) }
      mean /= Double(rows)
      var square = 0.0
      for row in 0..<rows {
        let d = Double(values[row * width + column]) - mean
        square += d * d
      }
      let deviation = (square / Double(rows)).squareRoot()
      let factor = deviation > 1e-12 * abs(mean) && deviation > 0 ? 1 / deviation : 0
      for row in 0..<rows {
        let at = row * width + column
        values[at] = Float((Double(values[at]) - mean) * factor)
      }
    }
  }

  private static func targets(_ term: Run.LossTerm, _ run: Run) throws(RunError) -> Targets? {
    guard let array = run.data[term.target] else { return nil }
    let values = try bridging(array.floats())
    guard values.allSatisfy(\.isFinite) else { return nil }
    let columns = array.rowLength
    guard type(of: term.loss).info.targets == .classes, columns == 1 else {
      return Targets(
        values: values, columns: columns,
        isClasses: ![.values, .unknown].contains(type(of: term.loss).info.targets))
    }
    let labels = Set(values).sorted()
    guard labels.count <= classLimit else { return nil }
    let number = Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    var table = [Float](repeating: 0, count: values.count * labels.count)
    for (row, value) in values.enumerated() { table[row * labels.count + (number[value] ?? 0)] = 1 }
    return Targets(values: table, columns: labels.count, isClasses: true)
  }
}
