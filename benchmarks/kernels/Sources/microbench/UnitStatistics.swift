import Benchmark
import Npy
import Replay
import Tensors

/// Mean, variance, extremes and counts of every column, as of every unit in a replay.
func unitStatistics() -> BenchmarkSuite {
  BenchmarkSuite(name: "unit statistics, 1 MB") { suite in
    for width in [1, 16, 64, 1024] {
      suite.benchmark("\(width) units") { state in
        let rows = (1 << 18) / width
        let (arena, t) = try makeTensors([[rows, width]])
        let array = try NpyArray(
          borrowing: t[0].base, type: .float32, shape: [rows, width])
        let pass = DataPass(["x": array])
        try state.measured { _ = try pass.run(workers: 1) }
        withExtendedLifetime(arena) {}
      }
    }
  }
}
