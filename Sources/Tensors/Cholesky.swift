/// The factor of a positive definite matrix A = Uᵀ·U, in double.
///
/// Every sum is taken in the order of its index, with nothing fused: vectors go across columns, so that
/// a result does not depend on how many lanes a processor has.
public struct Cholesky {
  /// U from the diagonal on, row by row; its columns lie mirrored below.
  private let factor: [Double]
  private let order: Int

  /// Factors an n × n matrix, of which the lower half is read; nil when it is not positive definite.
  public init?(_ matrix: [Double], order n: Int) {
    guard n >= 0, matrix.count == n * n else { return nil }
    var upper = [Double](repeating: 0, count: n * n + Self.columns)
    let isDefinite = upper.withUnsafeMutableBufferPointer { memory in
      guard let u = memory.baseAddress else { return true }
      for j in 0..<n {
        let row = u + j * n
        for i in j..<n { row[i] = matrix[i * n + j] }
        subtract(j, factors: row, rows: u + j, width: n, from: row + j, count: n - j)
        guard row[j] > 0, row[j].isFinite else { return false }
        let root = row[j].squareRoot()
        row[j] = root
        for i in (j + 1)..<max(j + 1, n) {
          row[i] /= root
          u[i * n + j] = row[i]
        }
      }
      return true
    }
    guard isDefinite else { return nil }
    factor = upper
    order = n
  }

  /// Solves A·x = b for every column of b: n × columns values, row by row.
  public func solve(_ b: [Double], columns: Int) -> [Double] {
    let n = order
    guard n > 0, columns > 0, b.count == n * columns else { return b }
    var result = b
    // Some columns at a time, that they stay in the cache.
    let width = min(columns, Self.columns)
    var part = [Double](repeating: 0, count: n * width + Self.columns)
    result.withUnsafeMutableBufferPointer { all in
      part.withUnsafeMutableBufferPointer { part in
        factor.withUnsafeBufferPointer { factor in
          guard let all = all.baseAddress, let x = part.baseAddress, let u = factor.baseAddress
          else { return }
          for first in stride(from: 0, to: columns, by: width) {
            let count = min(width, columns - first)
            for row in 0..<n {
              (x + row * count).update(from: all + row * columns + first, count: count)
            }
            Self.solve(u, x, n, count)
            for row in 0..<n {
              (all + row * columns + first).update(from: x + row * count, count: count)
            }
          }
        }
      }
    }
    return result
  }

  /// Columns that are worked on at a time.
  fileprivate static let columns = 32

  private static func solve(
    _ u: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>, _ n: Int, _ columns: Int
  ) {
    for i in 0..<n {
      let row = x + i * columns
      subtract(i, factors: u + i * n, rows: x, width: columns, from: row, count: columns)
      let pivot = u[i * n + i]
      for c in 0..<columns { row[c] /= pivot }
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      let row = x + i * columns
      subtract(
        n - i - 1, factors: u + (i * n + i + 1), rows: row + columns, width: columns, from: row,
        count: columns)
      let pivot = u[i * n + i]
      for c in 0..<columns { row[c] /= pivot }
    }
  }
}

/// Subtracts `terms` rows, each times its factor, from another row, one after the other: 32 columns at
/// a time, of which the last few may lie past the row's end. All memory is that much longer.
private func subtract(
  _ terms: Int, factors: UnsafePointer<Double>, rows: UnsafePointer<Double>, width: Int,
  from sums: UnsafeMutablePointer<Double>, count: Int
) {
  for column in stride(from: 0, to: count, by: Cholesky.columns) {
    let to = UnsafeMutableRawPointer(sums + column)
    var (a, b, c, d) = (to.eight(0), to.eight(1), to.eight(2), to.eight(3))
    for k in 0..<terms {
      let factor = SIMD8(repeating: factors[k])
      let row = UnsafeRawPointer(rows + (k * width + column))
      a -= factor * row.eight(0)
      b -= factor * row.eight(1)
      c -= factor * row.eight(2)
      d -= factor * row.eight(3)
    }
    let rest = count - column
    to.store(a, 0, first: rest)
    to.store(b, 1, first: rest - 8)
    to.store(c, 2, first: rest - 16)
    to.store(d, 3, first: rest - 24)
  }
}

extension UnsafeRawPointer {
  /// The eight doubles after `index` times as many.
  @inline(__always) fileprivate func eight(_ index: Int) -> SIMD8<Double> {
    loadUnaligned(fromByteOffset: 64 * index, as: SIMD8<Double>.self)
  }
}

extension UnsafeMutableRawPointer {
  @inline(__always) fileprivate func eight(_ index: Int) -> SIMD8<Double> {
    UnsafeRawPointer(self).eight(index)
  }

  /// Writes the first `count` of eight doubles there.
  @inline(__always) fileprivate func store(_ values: SIMD8<Double>, _ index: Int, first count: Int)
  {
    if count >= 8 {
      storeBytes(of: values, toByteOffset: 64 * index, as: SIMD8<Double>.self)
    } else {
      for lane in 0..<max(0, count) {
        storeBytes(of: values[lane], toByteOffset: 64 * index + 8 * lane, as: Double.self)
      }
    }
  }
}
