import Benchmark
import Tensors

/// Convolutions with a window of 3 x 3, forward and both gradients.
func convolutions() -> BenchmarkSuite {
  BenchmarkSuite(name: "convolutions") { suite in
    for (samples, channels, side) in [(64, (3, 32), 32), (64, (32, 64), 16)] {
      let shape = ConvolutionShape(
        transposed: false, samples: samples, channels: channels, groups: 1, source: [side, side],
        destination: [side, side], window: [3, 3], strides: [1, 1], dilations: [1, 1],
        before: [1, 1], bias: true)
      let x = [samples, channels.0, side, side]
      let (w, b) = ([channels.1, channels.0, 3, 3], [channels.1])
      let y = [samples, channels.1, side, side]
      let title = "\(samples)x\(channels.0)x\(side)x\(side) to \(channels.1) channels"
      suite.benchmark("\(title), forward") { state in
        let (arena, t) = try makeTensors([x, w, b, y])
        let convolution = try Convolution(shape)
        try state.measured {
          try convolution.forward(source: t[0], weights: t[1], bias: t[2], destination: t[3])
        }
        withExtendedLifetime(arena) {}
      }
      suite.benchmark("\(title), forward and backward") { state in
        let (arena, t) = try makeTensors([x, w, b, y, y, x, w, b])
        let convolution = try Convolution(shape)
        try state.measured {
          try convolution.forward(source: t[0], weights: t[1], bias: t[2], destination: t[3])
          try convolution.backward(
            source: t[0], weights: t[1], slopes: t[4], sourceGradient: t[5], weightsGradient: t[6],
            biasGradient: t[7])
        }
        withExtendedLifetime(arena) {}
      }
    }
  }
}
