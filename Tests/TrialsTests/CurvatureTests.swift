import Testing

@testable import Replay
@testable import Runs
@testable import Trials

/// A linear model under squared error: H is 2·mean(x̃·x̃ᵀ), whatever the weights.
private func linear() throws -> Run {
  var net = RunBuilder()
  net.input([[1, 2], [-1, 0.5], [0.3, -2], [2, 2]])
  net.dense("fc", [[0.4, -0.3]], bias: [0.1])
  net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
  return try net.run()
}

@Test func `curvature of a linear model is that of its inputs`() throws {
  let run = try linear()
  let stepper = try Stepper(run, from: try Weights(run))
  let found = try #require(try Curvature.estimate(stepper, rows: 0..<4))
  let vitals = try DataPass(run.data).run()
  let x = try #require(run.data["x"])
  let correlation = try CorrelationPass(x, try #require(vitals.arrays["x"]))?.run()
  let expected = 2 * (try #require(correlation?.spectrum(standardized: false)?.last))
  #expect(abs(found.largest - expected) < 0.01 * expected)
  #expect(stepper.slots.allSatisfy { Array($0.values) == Array($0.start) })
}

@Test func `factors scale the curvature`() throws {
  let run = try linear()
  let stepper = try Stepper(run, from: try Weights(run))
  let plain = try #require(try Curvature.estimate(stepper, rows: 0..<4))
  let quarter = stepper.slots.map { $0.start.map { _ in Float(0.25) } }
  let scaled = try #require(try Curvature.estimate(stepper, rows: 0..<4, factors: quarter))
  #expect(abs(scaled.largest - plain.largest / 4) < 0.01 * plain.largest)
}

@Test func `stepper agrees with the replay`() throws {
  let run = try linear()
  let stepper = try Stepper(run, from: try Weights(run))
  let loss = try stepper.gradient(0..<4)
  let vitals = try ReplayPass(run).run(workers: 1).vitals
  #expect(abs(loss - vitals.loss) < 1e-6 * loss)
  for (slot, entry) in stepper.slots.enumerated() {
    let expected = try #require(vitals.parameterGradients[entry.parameter.tensor])
    for (a, b) in zip(stepper.gradient(of: slot), expected) {
      #expect(abs(Double(a) - b) < 1e-5 * max(1, abs(b)))
    }
  }
}

@Test func `subsamples keep the order and the batch`() throws {
  var net = RunBuilder()
  net.input((0..<1000).map { [Float($0)] })
  net.dense("fc", [[1]])
  net.loss(
    "mse", shape: [1000, 1], (0..<1000).map { Float($0) }, settings: ["reduction": .string("sum")])
  net.training["batch_size"] = .int(500)
  let run = try net.run()
  let part = try run.subsample(100)
  #expect(part.samples == 100)
  #expect(part.nominalBatch == 500)
  let rows = try #require(part.data["x"]).floats()
  #expect(rows == rows.sorted())
  #expect(Set(rows).count == 100)
  #expect(try run.subsample(1000).samples == 1000)
}
