import Operators
import Testing

@testable import Replay
@testable import Runs
@testable import Trials

private func loss(_ net: RunBuilder) throws -> ReplayVitals {
  try ReplayPass(try net.run()).run(workers: 1).vitals
}

private func gradient(
  _ name: String, _ net: RunBuilder
) throws -> (data: [Double], penalty: [Double]?) {
  let run = try net.run()
  let vitals = try ReplayPass(run).run(workers: 1).vitals
  let parameter = try #require(run.graph.parameters.first { $0.name == name })
  return (
    try #require(vitals.parameterGradients[parameter.tensor]), vitals.penaltyGradient(parameter)
  )
}

/// y = w x + b on four samples.
private func line(weight: Float = 2) -> RunBuilder {
  var net = RunBuilder()
  net.input([[1], [2], [3], [4]])
  net.dense("fc", [[weight]], bias: [1])
  return net
}

@Suite struct SampleWeightTests {
  /// Residuals of y = 2x + 1 against (0, 5, 8, 5) are 3, 0, −1, 4.
  private func weighted(_ reduction: String, batch: Int? = nil) -> RunBuilder {
    var net = line()
    net.rows("w", shape: [4], [1, 1, 0, 0.5])
    net.loss(
      "mse", shape: [4, 1], [0, 5, 8, 5],
      settings: ["sample_weight": .string("w"), "reduction": .string(reduction)])
    if let batch { net.training["batch_size"] = .int(batch) }
    return net
  }

  @Test(
    arguments: [
      // Σ w·r² is 9 + 0 + 0 + 8.
      ("mean", nil, 17.0 / 4), ("sum", nil, 17), ("weighted-mean", nil, 17 / 2.5),
      ("mean", 2, 17.0 / 4), ("sum", 2, 17.0 / 2),
      // Batches of two: 9 / 2 and 8 / 0.5.
      ("weighted-mean", 2, (4.5 + 16) / 2),
    ] as [(String, Int?, Double)])
  func `reductions divide as they say`(reduction: String, batch: Int?, expected: Double) throws {
    let vitals = try loss(weighted(reduction, batch: batch))
    #expect(abs(vitals.loss - expected) < 1e-6)
  }

  @Test func `gradients are weighted`() throws {
    // d/db Σ w·r² / 4 = 2 (3 + 0 + 0 + 2) / 4
    #expect(abs(try gradient("fc.bias", weighted("mean")).data[0] - 2.5) < 1e-6)
    #expect(abs(try gradient("fc.bias", weighted("weighted-mean")).data[0] - 4) < 1e-6)
  }

  @Test func `what cannot be weighted is refused`() throws {
    var mixed = line()
    mixed.rows("w", shape: [4, 1], [1, 1, 1, 1])
    mixed.loss("mse", shape: [4], [1, 2, 3, 4], settings: ["sample_weight": .string("w")])
    let run = try mixed.run()
    #expect(throws: RunError.self) { try ReplayPass(run).run(workers: 1) }
    var wide = line()
    wide.rows("w", shape: [4, 2], [1, 1, 1, 1, 1, 1, 1, 1])
    wide.loss("mse", shape: [4, 1], [1, 2, 3, 4], settings: ["sample_weight": .string("w")])
    #expect(throws: RunError.self) { try wide.run() }
    var unknown = line()
    unknown.loss("mse", shape: [4, 1], [1, 2, 3, 4], settings: ["sample_weight": .string("w")])
    #expect(throws: RunError.self) { try unknown.run() }
  }
}

@Suite struct LossOperandTests {
  /// Mean and variance are tensors of one chain: the mean is a head and on the way to the other.
  private func gaussian(_ weight: Float, _ slope: Float, batch: Int) -> RunBuilder {
    var net = RunBuilder()
    net.input([[1], [-2], [0.5], [3], [-1]])
    net.dense("mean", [[weight]], bias: [0.5])
    net.dense("raw", [[slope]], bias: [0.1])
    net.layer("Sigmoid", "variance")
    net.loss(
      "gaussian-nll", shape: [5, 1], [1, 0, 2, 1, -1],
      settings: ["prediction": .string("mean"), "variance": .string("variance")])
    net.training["batch_size"] = .int(batch)
    return net
  }

  @Test(arguments: [2, 5])
  func `both tensors of a loss carry gradients`(batch: Int) throws {
    let (w, s, h): (Float, Float, Float) = (0.7, -0.4, 1e-2)
    func difference(_ dw: Float, _ ds: Float) throws -> Double {
      let high = try loss(gaussian(w + dw, s + ds, batch: batch)).loss
      let low = try loss(gaussian(w - dw, s - ds, batch: batch)).loss
      return (high - low) / (2 * Double(dw + ds))
    }
    let mean = try gradient("mean.weight", gaussian(w, s, batch: batch)).data[0]
    let raw = try gradient("raw.weight", gaussian(w, s, batch: batch)).data[0]
    #expect(abs(mean - (try difference(h, 0))) < 1e-3)
    #expect(abs(raw - (try difference(0, h))) < 1e-3)
  }

  @Test func `a second tensor that does not fit is refused`() throws {
    var net = line()
    net.loss(
      "gaussian-nll", shape: [4, 1], [1, 2, 3, 4], settings: ["variance": .string("fc.weight")])
    net.parameter("v", shape: [3], [1, 1, 1], trainable: false)
    _ = try ReplayPass(try net.run()).run(workers: 1)
    var wrong = line()
    wrong.parameter("v", shape: [3], [1, 1, 1], trainable: false)
    wrong.loss("gaussian-nll", shape: [4, 1], [1, 2, 3, 4], settings: ["variance": .string("v")])
    let run = try wrong.run()
    #expect(throws: RunError.self) { try ReplayPass(run).run(workers: 1) }
    var missing = line()
    missing.loss("gaussian-nll", shape: [4, 1], [1, 2, 3, 4])
    #expect(throws: RunError.self) { try missing.run() }
  }

  @Test func `the positive event has a weight`() throws {
    func run(_ weight: Float?) throws -> Double {
      var net = line()
      net.parameter("pos", shape: [1], [weight ?? 1], trainable: false)
      net.loss(
        "bce-with-logits", shape: [4, 1], [1, 1, 1, 1],
        settings: weight == nil ? [:] : ["pos_weight": .string("pos")])
      return try loss(net).loss
    }
    #expect(abs(try run(3) - 3 * (try run(nil))) < 1e-6)
    #expect(abs(try run(1) - (try run(nil))) < 1e-9)
  }

  @Test(arguments: [
    ("mse", "class_weight"), ("bce", "class_weight"), ("mse", "variance"),
    ("cross-entropy", "pos_weight"),
  ])
  func `a tensor that a loss has no use for is refused`(kind: String, key: String) {
    var net = line()
    net.parameter("c", shape: [1], [1], trainable: false)
    net.loss(kind, shape: [4, 1], [1, 1, 1, 1], settings: [key: .string("c")])
    #expect(throws: RunError.self) { try net.run() }
  }
}

@Suite struct PenaltyTests {
  private func penalized(l1: Double, l2: Double, weight: Float = 2) -> RunBuilder {
    var net = line(weight: weight)
    net.loss("mse", shape: [4, 1], [0, 5, 8, 5])
    net.training["regularization"] = .array([
      .object(["parameter": .string("fc.weight"), "l1": .number(l1), "l2": .number(l2)]),
      .object(["parameter": .string("fc.weight"), "l2": .number(l2)]),
    ])
    return net
  }

  @Test func `penalties are in the total and apart in gradients`() throws {
    let net = penalized(l1: 0.5, l2: 0.25, weight: -2)
    let vitals = try loss(net)
    #expect(abs(vitals.penalty - (0.5 * 2 + 2 * 0.25 * 4)) < 1e-9)
    #expect(abs(vitals.loss - vitals.dataLoss - vitals.penalty) < 1e-9)
    let (data, penalty) = try gradient("fc.weight", net)
    #expect(penalty == [-0.5 + 2 * 0.5 * -2])
    #expect(data == (try gradient("fc.weight", penalized(l1: 0, l2: 0, weight: -2)).data))
    #expect(try gradient("fc.bias", net).penalty == nil)
  }

  @Test func `a stepper sees what the training saw`() throws {
    let run = try penalized(l1: 0.5, l2: 0.25).run()
    let stepper = try Stepper(run, from: try Weights(run))
    let total = try stepper.gradient(0..<4)
    let vitals = try ReplayPass(run).run(workers: 1).vitals
    #expect(abs(total - vitals.loss) < 1e-6)
    let slot = try #require(stepper.slots.firstIndex { $0.parameter.name == "fc.weight" })
    let parameter = stepper.slots[slot].parameter
    let data = try #require(vitals.parameterGradients[parameter.tensor])
    let penalty = try #require(vitals.penaltyGradient(parameter))
    #expect(abs(Double(stepper.gradient(of: slot)[0]) - data[0] - penalty[0]) < 1e-5)
    #expect(abs(try stepper.loss(0..<4) - total) < 1e-9)
  }
}
