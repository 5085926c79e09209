import Operators
import Testing

@testable import Replay
@testable import Runs

/// Two classes or two columns from three features, cut into batches in many ways.
private func classifier(rows: Int, batch: Int?, reduction: String) throws -> Run {
  var generator = SplitMix(seed: 3)
  var net = RunBuilder()
  net.input((0..<rows).map { _ in (0..<3).map { _ in Float(generator.uniform()) } })
  net.dense("fc", [[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]], bias: [0.1, -0.1])
  let labels = (0..<rows).map { _ in Float(generator.uniform() < 0.4 ? 0 : 1) }
  net.parameter("weights", shape: [2], [0.5, 3], trainable: false)
  net.loss(
    "cross-entropy", shape: [rows], labels,
    settings: ["class_weight": .string("weights"), "reduction": .string(reduction)])
  if let batch { net.training["batch_size"] = .int(batch) }
  return try net.run()
}

/// The loss of the average batch, by its definition in docs/run-format.md: each of the run's own
/// batches is replayed as a run of its own.
private func definition(_ run: Run, mean: Bool) throws -> Double {
  let size = run.batchSize
  var total = 0.0
  let x = try #require(run.data["x"])
  let y = try #require(run.data["y"])
  for start in stride(from: 0, to: run.samples, by: size) {
    let rows = start..<min(start + size, run.samples)
    var net = RunBuilder()
    net.input(shape: [rows.count, 3], try x.floats(rows: rows))
    net.dense("fc", [[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]], bias: [0.1, -0.1])
    net.parameter("weights", shape: [2], [0.5, 3], trainable: false)
    net.loss(
      "cross-entropy", shape: [rows.count], try y.floats(rows: rows),
      settings: [
        "class_weight": .string("weights"), "reduction": .string(mean ? "mean" : "sum"),
      ])
    let share = Double(mean ? rows.count : size) / Double(run.samples)
    total += try ReplayPass(try net.run()).run(workers: 1).vitals.loss * share
  }
  return total
}

@Test(arguments: [nil, 1, 3, 7, 64, 700], ["mean", "sum"])
func `loss is that of the average batch`(batch: Int?, reduction: String) throws {
  let run = try classifier(rows: 700, batch: batch, reduction: reduction)
  let found = try ReplayPass(run).run(workers: 2).vitals.loss
  let expected = try definition(run, mean: reduction == "mean")
  #expect(abs(found - expected) < 1e-6 * abs(expected))
}

@Test(arguments: [2, 3, 7])
func `workers do not change anything`(workers: Int) throws {
  let run = try classifier(rows: 6000, batch: 32, reduction: "mean")
  let one = try ReplayPass(run).run(workers: 1).vitals
  let many = try ReplayPass(run).run(workers: workers).vitals
  #expect(one.loss == many.loss)
  for (a, b) in zip(one.parameterGradients, many.parameterGradients) { #expect(a == b) }
  for (a, b) in zip(one.activations, many.activations) {
    #expect(a?.mean == b?.mean)
    #expect(a?.squares == b?.squares)
  }
  let data = try DataPass(run.data).run(workers: 1)
  let shared = try DataPass(run.data).run(workers: workers)
  #expect(data.arrays["x"]?.digest == shared.arrays["x"]?.digest)
  #expect(data.arrays["y"]?.labels == shared.arrays["y"]?.labels)
}

@Test func `lanes cover every batch once`() {
  for batches in [0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 255, 256, 1000, 12345] {
    let lanes = Batches.lanes(batches)
    #expect(lanes.flatMap { Array($0) } == Array(0..<batches))
    #expect(lanes.allSatisfy { !$0.isEmpty })
    #expect(lanes.count <= Batches.laneLimit)
  }
}

@Test func `more batches than one machine wants get more lanes`() {
  for (batches, count) in [(65_536, 64), (204_800, 200), (1 << 22, 4096), (3_906_250_000, 4096)] {
    let lanes = Batches.lanes(batches)
    #expect(lanes.count == count)
    #expect(lanes.first?.lowerBound == 0 && lanes.last?.upperBound == batches)
    #expect(zip(lanes, lanes.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
  }
}

@Test func `a callback stops a replay`() throws {
  let run = try classifier(rows: 6000, batch: 32, reduction: "mean")
  let progress = Progress { _, done, _ in done < 1 }
  #expect(throws: RunError.cancelled) {
    try ReplayPass(run).run(workers: 2, progress: progress)
  }
}

@Test func `broadcast targets are replayed in the batches of the run`() throws {
  var net = RunBuilder()
  net.input([[1], [2], [3], [4]])
  net.dense("fc", [[1]])
  net.loss("mse", shape: [4], [1, 2, 3, 5])
  net.training["batch_size"] = .int(2)
  let vitals = try ReplayPass(try net.run()).run(workers: 1).vitals
  // Pairs of (1, 2) with (1, 2): 0, 1, 1, 0; of (3, 4) with (3, 5): 0, 4, 1, 1.
  #expect(abs(vitals.loss - (2.0 / 4 + 6.0 / 4) / 2) < 1e-6)
  #expect(abs((vitals.losses[0].aligned ?? 0) - 0.25) < 1e-6)
}
