import Tensors

/// A predictor that is a fixed linear map of the targets, ŷ = S·y, so that its leave-one-out score
/// for any targets, permuted ones among them, costs a product.
///
/// Ridge regression and nearest neighbours both are of this kind (Hastie, Tibshirani & Friedman, The
/// Elements of Statistical Learning, sections 3.4, 7.10 and 13.3).
public struct Smoother: Sendable {
  /// What it is, for messages.
  public let name: String
  /// How many samples.
  public let samples: Int
  private let form: Form

  /// S, as it is cheapest. Row i never uses target i.
  private enum Form: Sendable {
    /// n × n, row by row.
    case dense([Float])
    /// S = X·inverse·Xᵀ + 1/n, of which every row then loses its own part, on S's diagonal.
    case factors(CentredTable, inverse: [Float], own: [Double])
    /// The mean of `count` other samples, by row.
    case means([Int], count: Int)
  }

  /// Ridge regression with an intercept on n × d standardized features; leaving a sample out is exact
  /// for a fixed penalty.
  ///
  /// - Parameter penalty: λ, relative to n.
  /// - Returns: nil when the system cannot be solved.
  public static func ridge(
    _ features: [Float], samples n: Int, width d: Int, penalty: Double
  ) -> Smoother? {
    guard n > 2, d > 0 else { return nil }
    let table = CentredTable(features, samples: n, width: d)
    let form =
      table.isTall ? primal(table, penalty * Double(n)) : dual(table, penalty * Double(n))
    return form.map { Smoother(name: "ridge regression", samples: n, form: $0) }
  }

  /// H = X·(XᵀX + λI)⁻¹·Xᵀ.
  private static func primal(_ table: CentredTable, _ lambda: Double) -> Form? {
    let (n, d) = (table.samples, table.width)
    guard let solver = Cholesky(ridged(table.columnProducts(), d, lambda), order: d) else {
      return nil
    }
    var identity = [Double](repeating: 0, count: d * d)
    for i in 0..<d { identity[i * d + i] = 1 }
    let inverse = solver.solve(identity, columns: d).map { Float($0) }
    guard let transposed = product(table.values, inverse, (rows: n, columns: d, depth: d)) else {
      return nil
    }
    var own = [Double](repeating: 1 / Double(n), count: n)
    for (place, value) in transposed.enumerated() {
      own[place / d] += Double(value) * Double(table.values[place])
    }
    guard own.allSatisfy({ $0 < 1 - 1e-9 }) else { return nil }
    return .factors(table, inverse: inverse, own: own)
  }

  /// H = K·(K + λI)⁻¹ with K = X·Xᵀ, which is the same.
  private static func dual(_ table: CentredTable, _ lambda: Double) -> Form? {
    let n = table.samples
    guard let kernel = table.rowProducts()?.map(Double.init),
      let solver = Cholesky(ridged(kernel, n, lambda), order: n)
    else { return nil }
    let hat = solver.solve(kernel, columns: n)
    var matrix = [Float](repeating: 0, count: n * n)
    for i in 0..<n {
      let own = hat[i * n + i] + 1 / Double(n)
      guard own < 1 - 1e-9 else { return nil }
      for j in 0..<n where j != i {
        matrix[i * n + j] = Float((hat[i * n + j] + 1 / Double(n)) / (1 - own))
      }
    }
    return .dense(matrix)
  }

  private static func ridged(_ matrix: [Double], _ order: Int, _ lambda: Double) -> [Double] {
    var system = matrix
    for i in 0..<order { system[i * order + i] += lambda }
    return system
  }

  /// What ridge regression gives for the very samples it is fitted to, n × columns, targets centred;
  /// nil when the system cannot be solved.
  static func fitted(
    _ features: [Float], samples n: Int, width d: Int, penalty: Double, targets: [Float],
    columns: Int
  ) -> [Float]? {
    guard n > 2, d > 0 else { return nil }
    let table = CentredTable(features, samples: n, width: d)
    let lambda = penalty * Double(n)
    if table.isTall {
      guard let slopes = table.transposedTimes(targets, columns: columns)?.map(Double.init),
        let solver = Cholesky(ridged(table.columnProducts(), d, lambda), order: d)
      else { return nil }
      return table.times(solver.solve(slopes, columns: columns).map { Float($0) }, columns: columns)
    }
    guard let kernel = table.rowProducts(),
      let solver = Cholesky(ridged(kernel.map(Double.init), n, lambda), order: n)
    else { return nil }
    let weights = solver.solve(targets.map(Double.init), columns: columns)
    return product(kernel, weights.map { Float($0) }, (rows: n, columns: columns, depth: n))
  }

  /// The mean of the k nearest other samples by Euclidean distance; ties go to the earlier sample.
  public static func neighbours(
    _ features: [Float], samples n: Int, width d: Int, k: Int = 5
  ) -> Smoother? {
    guard k > 0, n > k, d > 0,
      let kernel = CentredTable(features, samples: n, width: d).rowProducts()
    else { return nil }
    var chosen: [Int] = []
    // The nearest so far, in order. Sorting them all takes most of a small survey's time.
    var nearest = [(distance: Double, row: Int)](repeating: (.infinity, n), count: k)
    for i in 0..<n {
      var count = 0
      for j in 0..<n where j != i {
        let distance = Double(kernel[j * n + j]) - 2 * Double(kernel[i * n + j])
        guard count < k || distance < nearest[k - 1].distance else { continue }
        var place = min(count, k - 1)
        while place > 0, distance < nearest[place - 1].distance {
          nearest[place] = nearest[place - 1]
          place -= 1
        }
        nearest[place] = (distance, j)
        count = min(k, count + 1)
      }
      chosen += nearest.map(\.row)
    }
    return Smoother(
      name: "\(k) nearest neighbours", samples: n, form: .means(chosen, count: k))
  }

  /// The leave-one-out predictions for n × columns targets; nil when oneDNN fails.
  func predictions(_ targets: [Float], columns: Int) -> [Float]? {
    let n = samples
    switch form {
    case .dense(let matrix):
      return product(matrix, targets, (rows: n, columns: columns, depth: n))
    case .factors(let table, let inverse, let own):
      let d = table.width
      guard let sums = table.transposedTimes(targets, columns: columns),
        let slopes = product(inverse, sums, (rows: d, columns: columns, depth: d)),
        var result = table.times(slopes, columns: columns)
      else { return nil }
      var means = [Double](repeating: 0, count: columns)
      for row in 0..<n {
        for column in 0..<columns { means[column] += Double(targets[row * columns + column]) }
      }
      for row in 0..<n {
        let rest = 1 / (1 - own[row])
        for column in 0..<columns {
          let place = row * columns + column
          let whole = Double(result[place]) + means[column] / Double(n)
          result[place] = Float((whole - own[row] * Double(targets[place])) * rest)
        }
      }
      return result
    case .means(let rows, let count):
      var result = [Float](repeating: 0, count: n * columns)
      for (place, other) in rows.enumerated() {
        let (to, from) = (place / count * columns, other * columns)
        for column in 0..<columns { result[to + column] += targets[from + column] }
      }
      for place in result.indices { result[place] /= Float(count) }
      return result
    }
  }

  /// 1 − (sum of squared leave-one-out errors) / (sum of squared deviations from the mean of the
  /// others), for every group of `columns` columns of n × (groups · columns) targets; nil when a
  /// group is constant.
  public func scores(_ targets: [Float], columns: Int, groups: Int = 1) -> [Double]? {
    let n = samples
    let width = columns * groups
    guard columns > 0, targets.count == n * width,
      let predictions = predictions(targets, columns: width)
    else { return nil }
    var (means, errors, deviations) = (
      [Double](repeating: 0, count: width), [Double](repeating: 0, count: width),
      [Double](repeating: 0, count: width)
    )
    for row in 0..<n {
      for column in 0..<width { means[column] += Double(targets[row * width + column]) }
    }
    for column in 0..<width { means[column] /= Double(n) }
    // The constant predictor leaves the sample out as well.
    let leaving = Double(n) / Double(n - 1)
    for row in 0..<n {
      for column in 0..<width {
        let y = Double(targets[row * width + column])
        let error = y - Double(predictions[row * width + column])
        let deviation = (y - means[column]) * leaving
        errors[column] += error * error
        deviations[column] += deviation * deviation
      }
    }
    var result: [Double] = []
    for group in 0..<groups {
      let own = (group * columns)..<((group + 1) * columns)
      let all = deviations[own].reduce(0, +)
      guard all > 0 else { return nil }
      result.append(1 - errors[own].reduce(0, +) / all)
    }
    return result
  }
}
