import Npy
import Runs

/// Runs that several tests check, replay and write to disk. All numbers come from a fixed seed.
public enum RunFixture {
  /// A linear model that has learnt what there is to learn.
  public static func sound(samples: Int = 64) -> RunBuilder {
    var builder = RunBuilder()
    let (inputs, targets) = linear(samples)
    builder.input(inputs)
    builder.dense(
      "out", [[1.5, -0.7]], bias: [0.3], initial: [[0.2, 0.4]], initialBias: [0.05])
    builder.loss("mse", shape: [samples, 1], targets)
    settings(&builder)
    return builder
  }

  /// A hidden layer whose biases keep every unit at zero: the same output for every sample.
  public static func dead(samples: Int = 64, units: Int = 4) -> RunBuilder {
    var builder = RunBuilder()
    let (inputs, targets) = linear(samples)
    var random = SeededGenerator(seed: 3)
    builder.input(inputs)
    builder.dense(
      "hidden", (0..<units).map { _ in [random.signed(), random.signed()] },
      bias: (0..<units).map { -9 - Float($0) })
    builder.layer("Relu", "relu")
    builder.dense("out", [(0..<units).map { _ in random.signed() }], bias: [0.3])
    builder.loss("mse", shape: [samples, 1], targets)
    settings(&builder)
    return builder
  }

  private static func settings(_ builder: inout RunBuilder) {
    builder.training = [
      "batch_size": .int(16), "epochs": .int(20),
      "optimizer": .object(["kind": .string("sgd"), "learning_rate": .number(0.05)]),
    ]
    builder.provenance = ["framework": "numpy", "version": "2.0"]
  }

  /// Two standard features, and a target that depends on them but for a little noise.
  private static func linear(_ samples: Int) -> (inputs: [[Float]], targets: [Float]) {
    var random = SeededGenerator(seed: 1)
    let inputs = (0..<samples).map { _ in [1.7 * random.signed(), 1.7 * random.signed()] }
    let targets = inputs.map { 1.5 * $0[0] - 0.7 * $0[1] + 0.3 + 0.01 * random.signed() }
    return (inputs, targets)
  }
}

extension SeededGenerator {
  /// A number between −1 and 1, in steps that every platform rounds alike.
  public mutating func signed() -> Float { Float(next() >> 44) / Float(1 << 19) - 1 }
}

extension TemporaryFolder {
  /// Writes a run into the folder and returns its path.
  public func write(_ builder: RunBuilder, to name: String = "run") throws(NpyError) -> String {
    try builder.write(to: file(name))
    return file(name)
  }
}
