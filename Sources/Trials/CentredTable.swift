import Tensors

/// Features of some samples with the mean of every column taken out, and products with them.
struct CentredTable: Sendable {
  /// n × d.
  let values: [Float]
  /// n.
  let samples: Int
  /// d.
  let width: Int

  init(_ features: [Float], samples n: Int, width d: Int) {
    var values = features
    for column in 0..<d {
      var mean = 0.0
      for row in 0..<n { mean += Double(features[row * d + column]) }
      mean /= Double(n)
      for row in 0..<n { values[row * d + column] -= Float(mean) }
    }
    self.values = values
    samples = n
    width = d
  }

  /// Whether the columns have fewer products among themselves than the rows.
  var isTall: Bool { width < samples }

  /// X·Xᵀ, n × n; nil when oneDNN fails.
  func rowProducts() -> [Float]? {
    product(
      values, values, (rows: samples, columns: samples, depth: width), transposing: (false, true))
  }

  /// Xᵀ·X, d × d, summed in double.
  func columnProducts() -> [Double] {
    var sums = [Double](repeating: 0, count: width * width)
    sums.withUnsafeMutableBufferPointer { sums in
      values.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: samples * width, by: width) {
          for i in 0..<width {
            let factor = Double(values[start &+ i])
            for j in 0...i { sums[i &* width &+ j] += factor * Double(values[start &+ j]) }
          }
        }
      }
      for i in 0..<width { for j in 0..<i { sums[j * width + i] = sums[i * width + j] } }
    }
    return sums
  }

  /// X·b for d × columns values; nil when oneDNN fails.
  func times(_ b: [Float], columns: Int) -> [Float]? {
    product(values, b, (rows: samples, columns: columns, depth: width))
  }

  /// Xᵀ·y for n × columns values; nil when oneDNN fails.
  func transposedTimes(_ y: [Float], columns: Int) -> [Float]? {
    product(values, y, (rows: width, columns: columns, depth: samples), transposing: (true, false))
  }
}

/// The product of two matrices in arrays, row by row; nil when oneDNN fails.
func product(
  _ a: [Float], _ b: [Float], _ size: (rows: Int, columns: Int, depth: Int),
  transposing: (a: Bool, b: Bool) = (false, false)
) -> [Float]? {
  func matrix(_ values: UnsafeBufferPointer<Float>, _ sides: (Int, Int), _ transposed: Bool)
    -> Matrix?
  {
    // Products read their factors only.
    guard let base = UnsafeMutablePointer(mutating: values.baseAddress) else { return nil }
    let sides = transposed ? (sides.1, sides.0) : sides
    return Matrix(base, rows: sides.0, columns: sides.1, transposed: transposed)
  }
  var isDone = false
  let result = [Float](unsafeUninitializedCapacity: size.rows * size.columns) { sums, count in
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let left = matrix(a, (size.rows, size.depth), transposing.a),
          let right = matrix(b, (size.depth, size.columns), transposing.b),
          let to = sums.baseAddress,
          (try? multiply(left, right, into: Matrix(to, rows: size.rows, columns: size.columns)))
            != nil
        else { return }
        isDone = true
        count = size.rows * size.columns
      }
    }
  }
  return isDone ? result : nil
}
