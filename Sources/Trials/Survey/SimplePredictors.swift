import Tensors

/// Ridge regression and nearest neighbours, fitted to some rows of a table and asked for others.
struct SimplePredictors {
  /// What one of them says of the rows that were asked for.
  struct Answer {
    /// What it is, for messages.
    let name: String
    /// rows × columns.
    let values: [Float]
  }

  /// Inner products of all rows of the table.
  private let products: [Float]
  private let rows: Int
  private let columns: Int
  private let targets: [Float]

  /// How many neighbours.
  private static let near = 5

  /// - Returns: nil when oneDNN fails.
  init?(_ table: SampleTable, _ targets: SampleTable.Targets) {
    rows = table.samples
    columns = targets.columns
    self.targets = targets.values
    guard
      let products = product(
        table.features, table.features, (rows: rows, columns: rows, depth: table.width),
        transposing: (false, true))
    else { return nil }
    self.products = products
  }

  /// The mean of the targets of some rows, by column.
  func mean(of known: [Int]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    for row in known {
      for column in 0..<columns { result[column] += Double(targets[row * columns + column]) }
    }
    return result.map { $0 / Double(max(1, known.count)) }
  }

  /// What predictors that know the targets of some rows say of others.
  func answers(_ known: [Int], asked: Range<Int>) -> [Answer] {
    let mean = mean(of: known)
    var result = Baselines.penalties.compactMap { penalty in
      ridge(known, asked, mean, penalty).map { Answer(name: "ridge regression", values: $0) }
    }
    if known.count > Self.near {
      result.append(
        Answer(name: "\(Self.near) nearest neighbours", values: neighbours(known, asked)))
    }
    return result
  }

  private func ridge(
    _ known: [Int], _ asked: Range<Int>, _ mean: [Double], _ penalty: Double
  ) -> [Float]? {
    let count = known.count
    var system = [Double](repeating: 0, count: count * count)
    var right = [Double](repeating: 0, count: count * columns)
    for (i, row) in known.enumerated() {
      for (j, other) in known.enumerated() {
        system[i * count + j] = Double(products[row * rows + other])
      }
      system[i * count + i] += penalty * Double(count)
      for column in 0..<columns {
        right[i * columns + column] = Double(targets[row * columns + column]) - mean[column]
      }
    }
    guard let solver = Cholesky(system, order: count) else { return nil }
    let weights = solver.solve(right, columns: columns)
    var result: [Float] = []
    result.reserveCapacity(asked.count * columns)
    for row in asked {
      var sums = mean
      for (j, other) in known.enumerated() {
        let factor = Double(products[row * rows + other])
        for column in 0..<columns { sums[column] += factor * weights[j * columns + column] }
      }
      result += sums.map { Float($0) }
    }
    return result
  }

  private func neighbours(_ known: [Int], _ asked: Range<Int>) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(asked.count * columns)
    for row in asked {
      let nearest = known.map { other in
        (products[other * rows + other] - 2 * products[row * rows + other], other)
      }.sorted { $0 < $1 }.prefix(Self.near).map(\.1)
      for column in 0..<columns {
        let sum = nearest.reduce(0.0) { $0 + Double(targets[$1 * columns + column]) }
        result.append(Float(sum / Double(max(1, nearest.count))))
      }
    }
    return result
  }
}
