import Benchmark
import Tensors

// One thread in every kernel, as in a replay.
useOneThreadPerProduct()

Benchmark.main([
  products(), convolutions(), elementLoops(), unitStatistics(), arrayReads(),
])
