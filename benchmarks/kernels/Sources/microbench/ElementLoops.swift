import Benchmark
import Tensors

/// Functions of single elements, over 4096 of them, which stay in the first cache.
func elementLoops() -> BenchmarkSuite {
  BenchmarkSuite(name: "element loops, 4096") { suite in
    add("exp", to: suite) { exp($0) }
    add("log", to: suite) { log($0.magnitude) }
    add("tanh", to: suite) { tanh($0) }
    add("sigmoid", to: suite) { sigmoid($0) }
    add("erf", to: suite) { erf($0) }
    add("softplus", to: suite) { softplus($0) }
    add("sin", to: suite) { sin($0) }
    add("square root", to: suite) { $0.magnitude.squareRoot() }
    suite.benchmark("sum of two") { state in
      let (arena, t) = try makeTensors([[4096], [4096], [4096]])
      try state.measured { zip(t[0], t[1], into: t[2]) { $0 + $1 } }
      withExtendedLifetime(arena) {}
    }
  }
}

@inline(__always)
private func add(
  _ name: String, to suite: BenchmarkSuite, _ function: @escaping (Vector) -> Vector
) {
  suite.benchmark(name) { state in
    let (arena, t) = try makeTensors([[4096], [4096]])
    try state.measured { map(t[0], into: t[1], function) }
    withExtendedLifetime(arena) {}
  }
}
