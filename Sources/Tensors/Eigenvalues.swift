import Glibc

/// The eigenvalues of a symmetric matrix, smallest first: Householder's reduction to tridiagonal
/// form, then QL steps with implicit shifts (Golub & Van Loan, Matrix Computations, chapter 8).
///
/// - Parameter matrix: n × n values in row-major order; only finite ones.
/// - Returns: n eigenvalues, each within about n · 2⁻⁵² of the largest; nil when the matrix is not
///   square or the iteration does not settle.
public func symmetricEigenvalues(_ matrix: [Double], order n: Int) -> [Double]? {
  guard n > 0, matrix.count == n * n, matrix.allSatisfy(\.isFinite) else { return nil }
  var (diagonal, off) = tridiagonal(matrix, n)
  guard settle(&diagonal, &off) else { return nil }
  return diagonal.sorted()
}

/// The diagonal and, from index 1 on, the off-diagonal of a similar tridiagonal matrix.
private func tridiagonal(_ matrix: [Double], _ n: Int) -> ([Double], [Double]) {
  var a = matrix
  var off = [Double](repeating: 0, count: n)
  var p = [Double](repeating: 0, count: n)
  for i in stride(from: n - 1, to: 1, by: -1) {
    // The reflector that clears row i left of its subdiagonal acts on indices 0..<i.
    let row = i * n
    var norm = 0.0
    for k in 0..<i { norm = hypot(norm, a[row + k]) }
    guard norm > 0 else { continue }
    let pivot = a[row + i - 1]
    let alpha = pivot > 0 ? -norm : norm
    let half = norm * norm - pivot * alpha
    guard half > 0 else {
      off[i] = alpha
      continue
    }
    a[row + i - 1] = pivot - alpha
    // p = A·u / h, then A -= u·qᵀ + q·uᵀ with q = p − u·(uᵀp / 2h).
    var dot = 0.0
    for j in 0..<i {
      var sum = 0.0
      for k in 0...j { sum += a[j * n + k] * a[row + k] }
      for k in (j + 1)..<max(j + 1, i) { sum += a[k * n + j] * a[row + k] }
      p[j] = sum / half
      dot += p[j] * a[row + j]
    }
    let factor = dot / (2 * half)
    for j in 0..<i { p[j] -= factor * a[row + j] }
    for j in 0..<i {
      let (u, q) = (a[row + j], p[j])
      for k in 0...j { a[j * n + k] -= u * p[k] + q * a[row + k] }
    }
    off[i] = alpha
  }
  if n > 1 { off[1] = a[n] }
  return ((0..<n).map { a[$0 * n + $0] }, off)
}

/// QL with implicit shifts on a tridiagonal matrix; false when a value does not settle in 60 steps.
private func settle(_ d: inout [Double], _ off: inout [Double]) -> Bool {
  let n = d.count
  var e = Array(off.dropFirst()) + [0]
  for l in 0..<n {
    var steps = 0
    while true {
      var m = l
      while m < n - 1 {
        let scale = abs(d[m]) + abs(d[m + 1])
        if abs(e[m]) <= .ulpOfOne * scale { break }
        m += 1
      }
      if m == l { break }
      steps += 1
      guard steps <= 60 else { return false }
      var g = (d[l + 1] - d[l]) / (2 * e[l])
      var r = hypot(g, 1)
      g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r))
      var (s, c, p) = (1.0, 1.0, 0.0)
      var broke = false
      for i in stride(from: m - 1, through: l, by: -1) {
        let f = s * e[i]
        let b = c * e[i]
        r = hypot(f, g)
        e[i + 1] = r
        if r == 0 {
          d[i + 1] -= p
          e[m] = 0
          broke = true
          break
        }
        s = f / r
        c = g / r
        g = d[i + 1] - p
        r = (d[i] - g) * s + 2 * c * b
        p = s * r
        d[i + 1] = g + p
        g = c * r - b
      }
      if broke { continue }
      d[l] -= p
      e[l] = g
      e[m] = 0
    }
  }
  return true
}
