import Tensors
import Testing

@testable import Replay
@testable import Runs

/// A dense layer of three features and two units.
private func dense(rows: Int) throws -> Run {
  var generator = SplitMix(seed: 5)
  var net = RunBuilder()
  net.input((0..<rows).map { _ in (0..<3).map { _ in Float(generator.uniform()) } })
  net.dense("fc", [[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]], bias: [0.1, -0.1])
  net.loss("mse", shape: [rows, 2], (0..<(2 * rows)).map { _ in Float(generator.uniform()) })
  return try net.run()
}

@Test func `a transposed weight gives the same outputs`() throws {
  let run = try dense(rows: 8)
  let plan = try Plan(run, rows: 8)
  var found: [[Float]] = []
  for turns in [false, true] {
    let weights = try Weights(run)
    if turns { try weights.turn(run) }
    let copies = weights.transposed.compactMap { $0 }
    #expect(copies.map { Array($0.buffer) } == (turns ? [[0.3, 0.1, -0.2, 0.4, 0.5, -0.6]] : []))
    let executor = try Executor(run, plan: plan, weights: weights, flow: nil)
    try executor.forward(0..<8)
    found.append(Array(executor.values[run.losses[0].prediction].buffer))
  }
  #expect(zip(found[0], found[1]).allSatisfy { abs($0 - $1) < 1e-6 })
}
