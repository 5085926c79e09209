import Tensors
import Testing

@Suite struct ProductTests {
  static let sizes = [[3, 4, 5], [1, 1, 1], [7, 1, 2], [1, 9, 1], [16, 33, 17], [2, 0, 3]]

  @Test(arguments: sizes, [(false, false), (false, true), (true, false), (true, true)])
  func `equals three loops`(size: [Int], transposed: (Bool, Bool)) throws {
    let (m, k, n) = (size[0], size[1], size[2])
    var numbers = Numbers(1)
    let a = numbers.floats(m * k)
    let b = numbers.floats(k * n)
    let c = numbers.floats(m * n)
    for (alpha, beta) in [(1, 0), (1, 1), (0.5, 1), (-2, 0.25)] as [(Float, Float)] {
      let found = try withTensors([a, b, c], count: m * n) { inputs, result in
        if beta != 0 { result.copy(inputs[2]) }
        let left = Matrix(
          inputs[0].base, rows: transposed.0 ? k : m, columns: transposed.0 ? m : k,
          transposed: transposed.0)
        let right = Matrix(
          inputs[1].base, rows: transposed.1 ? n : k, columns: transposed.1 ? k : n,
          transposed: transposed.1)
        try multiply(
          left, right, into: Matrix(result.base, rows: m, columns: n), alpha: alpha, beta: beta)
      }
      for i in 0..<m {
        for j in 0..<n {
          var sum = 0.0
          for l in 0..<k {
            let x = transposed.0 ? a[l * m + i] : a[i * k + l]
            let y = transposed.1 ? b[j * k + l] : b[l * n + j]
            sum += Double(x) * Double(y)
          }
          let expected =
            Double(alpha) * sum + (beta == 0 ? 0 : Double(beta) * Double(c[i * n + j]))
          #expect(abs(Double(found[i * n + j]) - expected) < 1e-6 * Double(k + 1) * 8)
        }
      }
    }
  }

  @Test func `a product does not depend on those before it`() throws {
    // More lengths than a thread remembers, and again from the start.
    var first: [[Float]] = []
    for round in 0..<2 {
      for n in 1...300 {
        var numbers = Numbers(UInt64(n))
        let (a, b) = (numbers.floats(3 * n), numbers.floats(2 * n))
        let found = try withTensors([a, b], count: 6) { inputs, result in
          try multiply(
            Matrix(inputs[0].base, rows: 3, columns: n),
            Matrix(inputs[1].base, rows: n, columns: 2),
            into: Matrix(result.base, rows: 3, columns: 2))
        }
        if round == 0 { first.append(found) } else { #expect(found == first[n - 1]) }
      }
    }
  }

  @Test(arguments: [1, 3]) func `a long sum keeps its digits`(columns: Int) throws {
    // The gradient of a narrow layer's weights over many samples, none of them negative.
    let (samples, features) = (200_000, 5)
    var numbers = Numbers(2)
    let slopes = numbers.floats(samples * columns).map { abs($0) }
    let x = numbers.floats(samples * features).map { abs($0) }
    let found = try withTensors([slopes, x], count: columns * features) { inputs, result in
      try multiply(
        Matrix(inputs[0].base, rows: samples, columns: columns).t,
        Matrix(inputs[1].base, rows: samples, columns: features),
        into: Matrix(result.base, rows: columns, columns: features))
    }
    for column in 0..<columns {
      for feature in 0..<features {
        var sum = 0.0
        for row in 0..<samples {
          sum += Double(slopes[row * columns + column]) * Double(x[row * features + feature])
        }
        #expect(abs(Double(found[column * features + feature]) / sum - 1) < 2e-6)
      }
    }
  }

  @Test(arguments: [(0, 3, 2), (2, 3, 0), (0, 0, 0)])
  func `empty results stay empty`(m: Int, k: Int, n: Int) throws {
    let found = try withTensors([[1, 2, 3, 4, 5, 6]], count: 0) { inputs, result in
      let base = inputs[0].base
      try multiply(
        Matrix(base, rows: m, columns: k), Matrix(base, rows: k, columns: n),
        into: Matrix(result.base, rows: m, columns: n))
    }
    #expect(found.isEmpty)
  }

  @Test func `a product over nothing is zero, or what was there`() throws {
    for beta: Float in [0, 1, 3] {
      let found = try withTensors([[1]], count: 6) { inputs, result in
        if beta != 0 { result.fill(2) }
        let none = inputs[0].base
        try multiply(
          Matrix(none, rows: 2, columns: 0), Matrix(none, rows: 0, columns: 3),
          into: Matrix(result.base, rows: 2, columns: 3), beta: beta)
      }
      #expect(found == [Float](repeating: 2 * beta, count: 6))
    }
  }
}
