import Tensors
import Testing

@Suite struct ConvolutionTests {
  /// One channel, a window of two: y[i] = w₀ x[i] + w₁ x[i + 1] + b.
  private static let shape = ConvolutionShape(
    transposed: false, samples: 1, channels: (1, 1), groups: 1, source: [4], destination: [3],
    window: [2], strides: [1], dilations: [1], before: [0], bias: true)

  private func tensors(_ values: [[Float]]) throws -> (Arena, [Tensor]) {
    let arena = try Arena(bytes: values.reduce(0) { $0 + Arena.bytes($1.count) })
    let tensors = try values.map { values in
      let tensor = try arena.tensor(Shape([values.count]))
      for (i, value) in values.enumerated() { tensor.base[i] = value }
      return tensor
    }
    return (arena, tensors)
  }

  @Test func `each gradient may be asked for alone`() throws {
    let nan = Float.nan
    let (arena, t) = try tensors([
      [1, 2, 3, 4], [10, 1], [0.5], [nan, nan, nan], [1, 0, 2], [nan, nan, nan, nan], [nan, nan],
      [nan],
    ])
    let convolution = try Convolution(Self.shape)
    try withExtendedLifetime(arena) {
      try convolution.forward(source: t[0], weights: t[1], bias: t[2], destination: t[3])
      #expect(Array(t[3].buffer) == [12.5, 23.5, 34.5])
      for _ in 0..<2 {
        for asked in [[5, 6, 7], [7], [6], [5], []] {
          for index in 5...7 { t[index].fill(-1) }
          func target(_ index: Int) -> Tensor? { asked.contains(index) ? t[index] : nil }
          try convolution.backward(
            source: t[0], weights: t[1], slopes: t[4], sourceGradient: target(5),
            weightsGradient: target(6), biasGradient: target(7))
          let expected: [[Float]] = [[10, 1, 20, 2], [7, 10], [3]]
          for index in 5...7 {
            let untouched = [Float](repeating: -1, count: t[index].count)
            #expect(
              Array(t[index].buffer) == (asked.contains(index) ? expected[index - 5] : untouched))
          }
        }
      }
    }
  }

  /// The computed part lies at the start of a longer tensor, whose rest is the caller's.
  @Test func `a frame keeps what lies behind`() throws {
    var shape = ConvolutionShape(
      transposed: true, samples: 2, channels: (1, 1), groups: 1, source: [2], destination: [3],
      window: [2], strides: [1], dilations: [1], before: [0], bias: false)
    shape.frame = [5]
    let (arena, t) = try tensors([
      [1, 2, 3, 4], [10, 1], [Float](repeating: -7, count: 10), [0, 0, 0, 0],
    ])
    let convolution = try Convolution(shape)
    try withExtendedLifetime(arena) {
      try convolution.forward(source: t[0], weights: t[1], bias: nil, destination: t[2])
      #expect(Array(t[2].buffer) == [10, 21, 2, -7, -7, 30, 43, 4, -7, -7])
      try convolution.backward(
        source: t[0], weights: t[1], slopes: t[2], sourceGradient: t[3], weightsGradient: nil,
        biasGradient: nil)
      #expect(Array(t[3].buffer) == [121, 212, 343, 434])
    }
  }

  /// Threads share oneDNN's engine and its compiled code, nothing else.
  @Test func `threads convolve side by side`() async throws {
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<8 {
        group.addTask {
          useOneThreadPerProduct()
          let shape = ConvolutionShape(
            transposed: false, samples: 3, channels: (16, 16), groups: 1, source: [9, 9],
            destination: [9, 9], window: [3, 3], strides: [1, 1], dilations: [1, 1],
            before: [1, 1], bias: false)
          var numbers = Numbers(4)
          return try withTensors(
            [numbers.floats(3 * 16 * 81), numbers.floats(16 * 16 * 9)], count: 3 * 16 * 81
          ) { inputs, result in
            try Convolution(shape).forward(
              source: inputs[0], weights: inputs[1], bias: nil, destination: result)
          }
        }
      }
      var results: [[Float]] = []
      for try await result in group { results.append(result) }
      #expect(Set(results).count == 1)
    }
  }

  @Test func `what oneDNN refuses is an error`() {
    var shape = Self.shape
    shape.destination = [7]
    shape.strides = [-1]
    #expect(throws: TensorError.self) { try Convolution(shape) }
  }
}
