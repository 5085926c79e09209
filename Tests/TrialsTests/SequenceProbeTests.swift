import Testing

@testable import Replay
@testable import Runs
@testable import Trials

/// A recurrent layer of one unit whose last state is read.
private func recurrence(
  _ function: String, keep: Float, rows: [[Float]], targets: [Float]? = nil, rate: Double? = nil,
  behind: String? = nil
) throws -> Run {
  let steps = rows[0].count
  var net = RunBuilder()
  net.input(shape: [rows.count, steps, 1], rows.flatMap { $0 })
  net.parameter("rnn.w", shape: [1, 1, 1], [0.5])
  net.parameter("rnn.r", shape: [1, 1, 1], [keep])
  net.layer(
    "RNN", "rnn", operands: ["rnn.w", "rnn.r"],
    attributes: ["layout": .int(1), "activations": .strings([function])])
  if let behind { net.layer(behind, "behind") }
  net.parameter("last", shape: [1], [Float(steps - 1)], trainable: false)
  net.layer("Gather", "read", operands: ["last"], attributes: ["axis": .int(1)])
  net.layer("Flatten", "flat")
  net.dense("fc", [[1]])
  net.loss(
    "mse", shape: [rows.count, 1], targets ?? rows.indices.map { Float($0 % 3) })
  if let rate {
    net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(rate)])
    net.training["batch_size"] = .int(rows.count)
    net.training["epochs"] = .int(200)
  }
  return try net.run()
}

struct SequenceProbeTests {
  private let waves: [[Float]] = (0..<8).map { row in
    (0..<20).map { step in
      let value: Float = Float((row * 5 + step * 3) % 7)
      return value / 7 + 0.1
    }
  }

  @Test(arguments: [("Relu", 1.5 as Float), ("Relu", 1), ("Tanh", 1.5)])
  func `growth is that of the second half of the steps`(function: String, keep: Float) throws {
    let run = try recurrence(function, keep: keep, rows: waves)
    let growth = try #require(try StateGrowth.all(run, try Weights(run), Progress()).first)
    #expect(growth.steps == 20)
    if function == "Relu", keep > 1 {
      #expect(abs(growth.perStep - 1.5) < 0.05)
    } else {
      // A sum doubles at most.
      #expect(growth.ratio < 2.2)
    }
  }

  @Test func `growth is that of the state, whatever is written behind it`() throws {
    let run = try recurrence("Relu", keep: 1.5, rows: waves, behind: "Tanh")
    let growth = try #require(try StateGrowth.all(run, try Weights(run), Progress()).first)
    #expect(abs(growth.perStep - 1.5) < 0.05)
  }

  @Test func `lengths end before what most rows end in`() {
    let values: [Float] = [1, 2, 0, 0, 3, 0, 0, 0, 1, 1, 1, 4, 5, 0, 6, 0]
    #expect(PaddingProbe.lengths(values, rows: 4, steps: 4, width: 1) == [2, 1, 4, 3])
    // No value ends most rows.
    #expect(PaddingProbe.lengths([1, 0, 2, 3], rows: 2, steps: 2, width: 1) == [2, 2])
    // A step of two values is padding when both are.
    #expect(PaddingProbe.lengths([1, 1, 0, 0, 1, 1, 0, 0], rows: 2, steps: 2, width: 2) == [1, 1])
  }

  @Test func `a state that halves loses half of the signal per padded step`() throws {
    let rows = waves.map { Array($0.prefix(4)) + [Float](repeating: 0, count: 8) }
    let run = try recurrence("Affine", keep: 0.5, rows: rows)
    let probe = try #require(
      try PaddingProbe(run, try Weights(run), input: "x", Progress()))
    #expect(probe.steps == 12)
    #expect(abs(probe.share - 8.0 / 12) < 1e-9)
    #expect(abs(probe.leftPerStep - 0.5) < 1e-3)
  }

  @Test func `a training that runs away is finite with tanh for the state`() throws {
    let run = try recurrence(
      "Affine", keep: 1.2, rows: waves, targets: waves.map { $0[0] }, rate: 0.1)
    let weights = try Weights(run)
    let trial = try #require(
      try BoundedTrial(TrialData(run), before: weights, shape: weights, progress: Progress()))
    #expect(trial.updates < 50)
    #expect(trial.left < 2)
    #expect(trial.trained > 0)
    // With a rate that keeps the weights where they are there is nothing to mend.
    let calm = try recurrence("Relu", keep: 0.5, rows: waves, rate: 1e-6)
    #expect(
      try BoundedTrial(
        TrialData(calm), before: try Weights(calm), shape: try Weights(calm), progress: Progress()
      )
      .map(\.updates) == nil)
  }
}
