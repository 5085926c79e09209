import Benchmark
import Tensors

/// Matrix products of the shapes that dense layers make: forward, and the gradients of the weights.
func products() -> BenchmarkSuite {
  BenchmarkSuite(name: "products") { suite in
    for (rows, inner, columns) in [(32, 10, 64), (32, 64, 64), (256, 784, 512), (256, 512, 512)] {
      suite.benchmark("\(rows)x\(inner) by \(inner)x\(columns), transposed") { state in
        let (arena, t) = try makeTensors([[rows, inner], [columns, inner], [rows, columns]])
        let (x, w) = (
          Matrix(t[0].base, rows: rows, columns: inner),
          Matrix(t[1].base, rows: columns, columns: inner)
        )
        let y = Matrix(t[2].base, rows: rows, columns: columns)
        try state.measured { try multiply(x, w.t, into: y) }
        withExtendedLifetime(arena) {}
      }
      suite.benchmark("\(rows)x\(columns), transposed, by \(rows)x\(inner), added") { state in
        let (arena, t) = try makeTensors([[rows, columns], [rows, inner], [columns, inner]])
        let (dy, x) = (
          Matrix(t[0].base, rows: rows, columns: columns),
          Matrix(t[1].base, rows: rows, columns: inner)
        )
        let dw = Matrix(t[2].base, rows: columns, columns: inner)
        try state.measured { try multiply(dy.t, x, into: dw, beta: 1) }
        withExtendedLifetime(arena) {}
      }
    }
  }
}
