import Benchmark
import Tensors

/// Tensors in one block, with values that are the same in every run: between -1 and 1, evenly spread.
func makeTensors(_ shapes: [[Int]]) throws -> (arena: Arena, tensors: [Tensor]) {
  let counts = shapes.map { $0.reduce(1, *) }
  let arena = try Arena(bytes: counts.reduce(0) { $0 + Arena.bytes($1) })
  var state: UInt64 = 1
  let tensors = try shapes.map { shape in
    let tensor = try arena.tensor(Shape(shape))
    for i in 0..<tensor.count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      tensor.base[i] = Float(state >> 40) / Float(1 << 23) - 1
    }
    return tensor
  }
  return (arena, tensors)
}

extension BenchmarkState {
  /// Measures work that may fail; the first failure ends the benchmark.
  mutating func measured(_ work: () throws -> Void) throws {
    var failure: (any Error)?
    try measure { do { try work() } catch { failure = error } }
    if let failure { throw failure }
  }
}
