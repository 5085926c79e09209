import Testing

@testable import Tensors

/// The plain loops, which the vectors must not change by a bit.
private func plain(_ a: [Double], _ n: Int, _ b: [Double], _ columns: Int) -> [Double] {
  var (l, x) = (a, b)
  for j in 0..<n {
    for k in 0..<j { l[j * n + j] -= l[j * n + k] * l[j * n + k] }
    l[j * n + j] = l[j * n + j].squareRoot()
    for i in (j + 1)..<max(j + 1, n) {
      for k in 0..<j { l[i * n + j] -= l[i * n + k] * l[j * n + k] }
      l[i * n + j] /= l[j * n + j]
    }
  }
  for c in 0..<columns {
    for i in 0..<n {
      for k in 0..<i { x[i * columns + c] -= l[i * n + k] * x[k * columns + c] }
      x[i * columns + c] /= l[i * n + i]
    }
    for i in (0..<n).reversed() {
      for k in (i + 1)..<max(i + 1, n) { x[i * columns + c] -= l[k * n + i] * x[k * columns + c] }
      x[i * columns + c] /= l[i * n + i]
    }
  }
  return x
}

@Test(arguments: [1, 2, 7, 8, 9, 31, 33, 70], [1, 3, 32, 41])
func `cholesky is that of plain loops`(order n: Int, columns: Int) throws {
  var generator = SystemRandomNumberGenerator()
  let rows = (0..<(n * n)).map { _ in Double.random(in: -1...1, using: &generator) }
  var a = [Double](repeating: 0, count: n * n)
  for i in 0..<n {
    for j in 0..<n {
      for k in 0..<n { a[i * n + j] += rows[i * n + k] * rows[j * n + k] }
    }
    a[i * n + i] += 1
  }
  let b = (0..<(n * columns)).map { _ in Double.random(in: -1...1, using: &generator) }
  let solver = try #require(Cholesky(a, order: n))
  #expect(solver.solve(b, columns: columns) == plain(a, n, b, columns))
}

@Test func `cholesky wants a positive definite matrix`() {
  #expect(Cholesky([1, 2, 2, 1], order: 2) == nil)
  #expect(Cholesky([.nan], order: 1) == nil)
  #expect(Cholesky([1, 2], order: 2) == nil)
}
