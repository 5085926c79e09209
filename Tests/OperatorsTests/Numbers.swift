import Tensors

/// A small deterministic source of numbers (SplitMix64), so that every failure repeats.
struct Numbers: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Values of an interval, none closer than 0.05 to a kink.
  mutating func draw(
    _ count: Int, from range: ClosedRange<Double>, kinks: [Double] = []
  ) -> [Float] {
    (0..<count).map { _ in
      while true {
        let value = Double.random(in: range, using: &self)
        if kinks.allSatisfy({ abs(value - $0) > 0.05 }) { return Float(value) }
      }
    }
  }
}

/// Tensors that own their memory, for tests.
final class Memory {
  private var blocks: [UnsafeMutablePointer<Float>] = []

  deinit { for block in blocks { block.deallocate() } }

  func tensor(_ dims: [Int], _ values: [Float]) throws -> Tensor {
    let shape = try Shape(dims)
    let block = UnsafeMutablePointer<Float>.allocate(capacity: shape.count + 16)
    block.initialize(repeating: .nan, count: shape.count + 16)
    for (i, value) in values.prefix(shape.count).enumerated() { block[i] = value }
    blocks.append(block)
    return Tensor(block, shape)
  }

  func tensor(_ dims: [Int], filled value: Float) throws -> Tensor {
    try tensor(dims, [Float](repeating: value, count: Shape(dims).count))
  }
}

extension Tensor {
  var values: [Float] { Array(buffer) }
}

/// The largest difference between two lists, relative to the largest magnitude above 1.
func distance(_ a: [Float], _ b: [Float]) -> Double {
  guard a.count == b.count else { return .infinity }
  let scale = (a + b).reduce(1.0) { max($0, Double(abs($1))) }
  return zip(a, b).reduce(0.0) { worst, pair in
    let difference = abs(Double(pair.0) - Double(pair.1)) / scale
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}
