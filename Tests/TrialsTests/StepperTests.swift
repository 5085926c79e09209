import Testing

@testable import Replay
@testable import Runs
@testable import Trials

/// y = x·Wᵀ with the transpose as a node of its own, as exporters of linear layers write it.
private func transposed() throws -> Run {
  var net = RunBuilder()
  net.input([[1, 2], [-1, 0.5]])
  net.branch(from: "")
  net.parameter("w", shape: [1, 2], [0.5, -0.25])
  net.branch(from: "w")
  net.layer("Transpose", "turned", attributes: ["perm": .array([.int(1), .int(0)])])
  net.branch(from: "x")
  net.layer("MatMul", "y_hat", operands: ["turned"])
  net.loss("mse", shape: [2, 1], [0, 0])
  return try net.run()
}

@Test func `what is made of weights follows them`() throws {
  let run = try transposed()
  let stepper = try Stepper(run, from: try Weights(run))
  #expect(abs(try stepper.gradient(0..<2) - (0 + 0.625 * 0.625) / 2) < 1e-6)
  // Predictions are 1·1 + 0·2 and 1·(−1) + 0·0.5 now.
  stepper.slots[0].values[0] = 1
  stepper.slots[0].values[1] = 0
  #expect(abs(try stepper.gradient(0..<2) - 1) < 1e-6)
  #expect(stepper.gradient(of: 0).map { $0 } == [2, 1.5])
  stepper.reset()
  #expect(abs(try stepper.gradient(0..<2) - (0 + 0.625 * 0.625) / 2) < 1e-6)
}

@Test func `rows are replayed in parts where memory is short`() throws {
  var net = RunBuilder()
  net.input((0..<100).map { [Float($0) / 100] })
  net.parameter("w", shape: [1, 1 << 20], [Float](repeating: 0.5, count: 1 << 20))
  net.layer("MatMul", "wide", operands: ["w"])
  // A row takes 8 MiB and half a GiB is given.
  let parts = try net.run().parts(of: 100)
  #expect(parts == [0..<50, 50..<100])
  #expect(try transposed().parts(of: 2) == [0..<2])
  #expect(try net.run().affordableAtOnce(256) < 64)
}

@Test func `slopes of parts are those of the whole but for the share of their rows`() throws {
  let run = try transposed()
  let stepper = try Stepper(run, from: try Weights(run))
  let prediction = run.losses[0].prediction
  let whole = try stepper.slopes(0..<2, at: prediction)
  let parts = try [0..<1, 1..<2].flatMap { rows in
    try stepper.slopes(rows, at: prediction).map { $0 / 2 }
  }
  #expect(zip(whole, parts).allSatisfy { abs($0 - $1) < 1e-6 } && whole.count == parts.count)
}

@Test func `running statistics are taken of channels however they lie in memory`() throws {
  var random = FixedRandom(seed: 12)
  func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.uniform()) } }
  var net = RunBuilder()
  net.input(shape: [12, 16, 5, 4], values(12 * 16 * 20))
  func convolution(_ name: String) {
    net.parameter("\(name).w", shape: [16, 16, 3, 3], values(16 * 16 * 9))
    net.layer("Conv", name, operands: ["\(name).w"])
  }
  convolution("first")
  for name in ["scale", "shift", "mean", "variance"] {
    net.parameter("norm.\(name)", shape: [16], [Float](repeating: 1, count: 16))
  }
  net.layer(
    "BatchNormalization", "normal",
    operands: ["norm.scale", "norm.shift", "norm.mean", "norm.variance"],
    attributes: ["training_mode": .int(1)])
  net.layer("Relu", "cut")
  net.parameter("last.w", shape: [16, 16, 2, 2], values(16 * 16 * 4))
  net.layer("Conv", "last", operands: ["last.w"])
  net.loss("mse", shape: [12, 16, 2, 1], values(12 * 16 * 2))
  let run = try net.run()
  let first = try #require(run.graph.tensor(named: "first"))
  let output = try #require(try ReplayPass(run, collecting: [first]).run(workers: 1).outputs.first)
  var found: [String: [Float]] = [:]
  try Normalizations.measure(
    try TrialData(run), try Stepper(run, from: try Weights(run)), into: &found)
  for channel in 0..<16 {
    var own: [Float] = []
    for row in 0..<12 { own += output.values[((row * 16 + channel) * 6)...].prefix(6) }
    let mean = own.reduce(0, +) / 72
    let squares = own.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / 72
    #expect(abs(try #require(found["norm.mean"])[channel] - mean) < 1e-4)
    #expect(abs(try #require(found["norm.variance"])[channel] - variance) < 1e-3)
  }
}
