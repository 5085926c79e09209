import Testing

@testable import Tensors

@Test(arguments: [1, 2, 3, 5, 17, 40])
func `eigenvalues keep the invariants`(order n: Int) throws {
  // Σλ = trace, Σλ² = Σa², Σλ³ = trace of the cube: none of them uses an eigenvalue solver.
  var generator = SystemRandomNumberGenerator()
  var a = [Double](repeating: 0, count: n * n)
  for i in 0..<n {
    for j in 0...i {
      let value = Double.random(in: -1...1, using: &generator)
      (a[i * n + j], a[j * n + i]) = (value, value)
    }
  }
  let values = try #require(symmetricEigenvalues(a, order: n))
  let trace = (0..<n).reduce(0) { $0 + a[$1 * n + $1] }
  #expect(abs(values.reduce(0, +) - trace) < 1e-10 * Double(n))
  let squares = a.reduce(0) { $0 + $1 * $1 }
  #expect(abs(values.reduce(0) { $0 + $1 * $1 } - squares) < 1e-10 * Double(n))
  var cube = 0.0
  for i in 0..<n {
    for j in 0..<n {
      for k in 0..<n { cube += a[i * n + j] * a[j * n + k] * a[k * n + i] }
    }
  }
  #expect(abs(values.reduce(0) { $0 + $1 * $1 * $1 } - cube) < 1e-9 * Double(n))
}

@Test func `eigenvalues of the second difference`() throws {
  let values = try #require(symmetricEigenvalues([2, -1, 0, -1, 2, -1, 0, -1, 2], order: 3))
  for (found, expected) in zip(values, [2 - 2.0.squareRoot(), 2, 2 + 2.0.squareRoot()]) {
    #expect(abs(found - expected) < 1e-12)
  }
}
