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
