/// The factor of a positive definite matrix A = L·Lᵀ, in double.
public struct Cholesky {
  private let factor: [Double]
  private let order: Int

  /// Factors an n × n matrix, row by row; nil when it is not positive definite.
  public init?(_ matrix: [Double], order n: Int) {
    guard matrix.count == n * n else { return nil }
    var l = matrix
    for j in 0..<n {
      var pivot = l[j * n + j]
      for k in 0..<j { pivot -= l[j * n + k] * l[j * n + k] }
      guard pivot > 0, pivot.isFinite else { return nil }
      let root = pivot.squareRoot()
      l[j * n + j] = root
      for i in (j + 1)..<max(j + 1, n) {
        var sum = l[i * n + j]
        for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
        l[i * n + j] = sum / root
      }
    }
    factor = l
    order = n
  }

  /// Solves A·x = b for every column of b: n × columns values, row by row.
  public func solve(_ b: [Double], columns: Int) -> [Double] {
    let n = order
    var x = b
    for i in 0..<n {
      for k in 0..<i {
        let f = factor[i * n + k]
        for c in 0..<columns { x[i * columns + c] -= f * x[k * columns + c] }
      }
      for c in 0..<columns { x[i * columns + c] /= factor[i * n + i] }
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      for k in (i + 1)..<max(i + 1, n) {
        let f = factor[k * n + i]
        for c in 0..<columns { x[i * columns + c] -= f * x[k * columns + c] }
      }
      for c in 0..<columns { x[i * columns + c] /= factor[i * n + i] }
    }
    return x
  }
}
