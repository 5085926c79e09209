import Tensors

/// A predictor that is a fixed linear map of the targets, ŷ = S·y, so that its leave-one-out score
/// for any targets, permuted ones among them, costs one product.
///
/// Ridge regression and nearest neighbours both are of this kind (Hastie, Tibshirani & Friedman, The
/// Elements of Statistical Learning, sections 3.4, 7.10 and 13.3).
public struct Smoother: Sendable {
  /// What it is, for messages.
  public let name: String
  /// n × n, row by row: row i never uses target i.
  let matrix: [Float]
  /// How many samples.
  public let samples: Int

  /// Ridge regression with an intercept on n × d standardized features; leaving a sample out is exact
  /// for a fixed penalty.
  ///
  /// - Parameter penalty: λ, relative to n.
  /// - Returns: nil when the system cannot be solved.
  public static func ridge(
    _ features: [Float], samples n: Int, width d: Int, penalty: Double
  ) -> Smoother? {
    guard n > 2, d > 0, let kernel = gram(features, n, d) else { return nil }
    // Dual form: H = K·(K + λnI)⁻¹ of centred features, plus the mean.
    let lambda = penalty * Double(n)
    var system = kernel
    for i in 0..<n { system[i * n + i] += lambda }
    guard let solver = Cholesky(system, order: n) else { return nil }
    let hat = solver.solve(kernel, columns: n)
    var matrix = [Float](repeating: 0, count: n * n)
    for i in 0..<n {
      let own = hat[i * n + i] + 1 / Double(n)
      guard own < 1 - 1e-9 else { return nil }
      for j in 0..<n where j != i {
        matrix[i * n + j] = Float((hat[i * n + j] + 1 / Double(n)) / (1 - own))
      }
    }
    return Smoother(name: "ridge regression", matrix: matrix, samples: n)
  }

  /// What ridge regression gives for the very samples it is fitted to, n × columns, targets centred;
  /// nil when the system cannot be solved.
  static func fitted(
    _ features: [Float], samples n: Int, width d: Int, penalty: Double, targets: [Double],
    columns: Int
  ) -> [Double]? {
    guard n > 2, d > 0, let kernel = gram(features, n, d) else { return nil }
    var system = kernel
    for i in 0..<n { system[i * n + i] += penalty * Double(n) }
    guard let weights = Cholesky(system, order: n)?.solve(targets, columns: columns) else {
      return nil
    }
    var result = [Double](repeating: 0, count: n * columns)
    for row in 0..<n {
      for other in 0..<n {
        let factor = kernel[row * n + other]
        for column in 0..<columns {
          result[row * columns + column] += factor * weights[other * columns + column]
        }
      }
    }
    return result
  }

  /// The mean of the k nearest other samples by Euclidean distance; ties go to the earlier sample.
  public static func neighbours(
    _ features: [Float], samples n: Int, width d: Int, k: Int = 5
  ) -> Smoother? {
    guard k > 0, n > k, d > 0, let kernel = gram(features, n, d) else { return nil }
    var matrix = [Float](repeating: 0, count: n * n)
    // The nearest so far, in order. Sorting them all takes most of a small survey's time.
    var nearest = [(distance: Double, row: Int)](repeating: (.infinity, n), count: k)
    for i in 0..<n {
      var count = 0
      for j in 0..<n where j != i {
        let distance = kernel[j * n + j] - 2 * kernel[i * n + j]
        guard count < k || distance < nearest[k - 1].distance else { continue }
        var place = min(count, k - 1)
        while place > 0, distance < nearest[place - 1].distance {
          nearest[place] = nearest[place - 1]
          place -= 1
        }
        nearest[place] = (distance, j)
        count = min(k, count + 1)
      }
      for place in 0..<count { matrix[i * n + nearest[place].row] = 1 / Float(k) }
    }
    return Smoother(name: "\(k) nearest neighbours", matrix: matrix, samples: n)
  }

  /// The inner products of all pairs of centred rows.
  static func gram(_ features: [Float], _ n: Int, _ d: Int) -> [Double]? {
    var centred = features
    for column in 0..<d {
      var mean = 0.0
      for row in 0..<n { mean += Double(features[row * d + column]) }
      mean /= Double(n)
      for row in 0..<n { centred[row * d + column] -= Float(mean) }
    }
    guard let result = multiplyTransposed(centred, n, d) else { return nil }
    return result.map(Double.init)
  }

  /// X·Xᵀ.
  private static func multiplyTransposed(_ x: [Float], _ n: Int, _ d: Int) -> [Float]? {
    var x = x
    var result = [Float](repeating: 0, count: n * n)
    let done: Void? = x.withUnsafeMutableBufferPointer { values in
      result.withUnsafeMutableBufferPointer { sums in
        guard let from = values.baseAddress, let to = sums.baseAddress else { return nil }
        let matrix = Matrix(from, rows: n, columns: d)
        return try? multiply(matrix, matrix.t, into: Matrix(to, rows: n, columns: n))
      }
    }
    return done == nil ? nil : result
  }

  /// The leave-one-out predictions for n × columns targets.
  func predictions(_ targets: [Float], columns: Int) -> [Float]? {
    var (s, y) = (matrix, targets)
    var result = [Float](repeating: 0, count: targets.count)
    let done: Void? = s.withUnsafeMutableBufferPointer { left in
      y.withUnsafeMutableBufferPointer { right in
        result.withUnsafeMutableBufferPointer { sums in
          guard let a = left.baseAddress, let b = right.baseAddress, let c = sums.baseAddress
          else { return nil }
          return try? multiply(
            Matrix(a, rows: samples, columns: samples),
            Matrix(b, rows: samples, columns: columns),
            into: Matrix(c, rows: samples, columns: columns))
        }
      }
    }
    return done == nil ? nil : result
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
    var result: [Double] = []
    for group in 0..<groups {
      var errors = 0.0
      var deviations = 0.0
      for column in (group * columns)..<((group + 1) * columns) {
        var mean = 0.0
        for row in 0..<n { mean += Double(targets[row * width + column]) }
        mean /= Double(n)
        for row in 0..<n {
          let y = Double(targets[row * width + column])
          let error = y - Double(predictions[row * width + column])
          // The constant predictor leaves the sample out as well.
          let deviation = (y - mean) * Double(n) / Double(n - 1)
          errors += error * error
          deviations += deviation * deviation
        }
      }
      guard deviations > 0 else { return nil }
      result.append(1 - errors / deviations)
    }
    return result
  }
}
