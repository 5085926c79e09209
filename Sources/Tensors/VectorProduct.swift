/// Products of which one side is a single row or column: sums of rows, of products along them, or rows
/// times factors. They need every value once, so that no blocks of a library can save anything.
enum VectorProduct {
  /// Computes `c = alpha · a · b + beta · c` where that is such a product; whether it was.
  static func multiply(
    _ a: Matrix, _ b: Matrix, into c: Matrix, alpha: Float, beta: Float
  ) -> Bool {
    if c.columns == 1, b.isDense {
      // A column is a row of as many values.
      combine(a, b.base, into: c.base, alpha, beta)
    } else if c.rows == 1, a.isDense {
      combine(b.t, a.base, into: c.base, alpha, beta)
    } else if a.width == 1, !b.transposed || b.isDense {
      spread(a, b.base, into: c, alpha, beta)
    } else {
      return false
    }
    return true
  }

  /// c = alpha · a · b + beta · c for a column a and a row b.
  private static func spread(
    _ a: Matrix, _ b: UnsafeMutablePointer<Float>, into c: Matrix, _ alpha: Float, _ beta: Float
  ) {
    let step = a.transposed ? 1 : a.stride
    for row in 0..<c.rows {
      let (to, factor) = (c.base + row &* c.stride, alpha * a.base[row &* step])
      var column = 0
      while column &+ 16 <= c.columns {
        let product = factor * (b + column).vector
        (to + column).store(beta == 0 ? product : product + beta * (to + column).vector)
        column &+= 16
      }
      guard column < c.columns else { continue }
      let rest = c.columns &- column
      leave(factor * (b + column).vector(first: rest), at: to + column, rest, 1, beta)
    }
  }

  /// y = alpha · m · x + beta · y.
  private static func combine(
    _ m: Matrix, _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ alpha: Float, _ beta: Float
  ) {
    if m.transposed {
      // Sums of sums: a single one over all samples would lose digits.
      for first in stride(from: 0, to: m.rows, by: 1024) {
        let rows = first..<min(first + 1024, m.rows)
        addRows(m, rows, x, into: y, alpha, first == 0 ? beta : 1)
      }
      return
    }
    for row in 0..<m.rows {
      let sum = alpha * dot(m.base + row &* m.stride, x, m.columns)
      y[row] = beta == 0 ? sum : sum + beta * y[row]
    }
  }

  /// The sum of the products of two rows.
  private static func dot(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, _ count: Int
  ) -> Float {
    var (even, odd) = (Vector.zero, Vector.zero)
    var (left, right, rest) = (a, b, count)
    while rest >= 32 {
      even += left.vector * right.vector
      odd += (left + 16).vector * (right + 16).vector
      (left, right, rest) = (left + 32, right + 32, rest - 32)
    }
    if rest >= 16 {
      even += left.vector * right.vector
      (left, right, rest) = (left + 16, right + 16, rest - 16)
    }
    if rest > 0 { odd += left.vector(first: rest) * right.vector(first: rest) }
    return (even + odd).total
  }

  /// The sum of some rows of a matrix, each times its factor: 64 columns at a time stay in registers.
  private static func addRows(
    _ m: Matrix, _ rows: Range<Int>, _ factors: UnsafeMutablePointer<Float>,
    into y: UnsafeMutablePointer<Float>, _ alpha: Float, _ beta: Float
  ) {
    var column = 0
    while column &+ 64 <= m.columns {
      var (p, q, r, s) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
      for row in rows {
        let from = m.base + (row &* m.stride &+ column)
        let factor = Vector(repeating: factors[row])
        p += factor * from.vector
        q += factor * (from + 16).vector
        r += factor * (from + 32).vector
        s += factor * (from + 48).vector
      }
      let to = y + column
      leave(p, at: to, 16, alpha, beta)
      leave(q, at: to + 16, 16, alpha, beta)
      leave(r, at: to + 32, 16, alpha, beta)
      leave(s, at: to + 48, 16, alpha, beta)
      column &+= 64
    }
    while column < m.columns {
      let count = min(16, m.columns &- column)
      var sum = Vector.zero
      for row in rows {
        let from = m.base + (row &* m.stride &+ column)
        sum += factors[row] * (count == 16 ? from.vector : from.vector(first: count))
      }
      leave(sum, at: y + column, count, alpha, beta)
      column &+= count
    }
  }

  private static func leave(
    _ sum: Vector, at y: UnsafeMutablePointer<Float>, _ count: Int, _ alpha: Float, _ beta: Float
  ) {
    var result = alpha * sum
    if beta != 0 { result += beta * (count == 16 ? y.vector : y.vector(first: count)) }
    if count == 16 { y.store(result) } else { y.store(result, first: count) }
  }
}
