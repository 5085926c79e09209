import Support
import Testing

@testable import Replay
@testable import Runs
@testable import Trials

private struct Missing: Error {}

/// |a| + |b| of 120 rows, by a line, or by hidden layers of some units.
private func net(hidden: [Int], rows: Int = 120) -> RunBuilder {
  var random = FixedRandom(seed: 3)
  let data = (0..<rows).map { _ in [Float(random.normal()), Float(random.normal())] }
  var net = RunBuilder()
  net.input(data)
  var width = 2
  for (index, units) in hidden.enumerated() {
    let weights = (0..<units).map { _ in
      (0..<width).map { _ in Float(random.normal()) / Float(width).squareRoot() }
    }
    net.dense("fc\(index)", weights, bias: [Float](repeating: 0, count: units))
    net.layer("Tanh", "act\(index)")
    width = units
  }
  net.dense("head", [(0..<width).map { _ in Float(random.normal()) * 0.1 }], bias: [0])
  net.loss("mse", shape: [rows, 1], data.map { abs($0[0]) + abs($0[1]) })
  net.training = [
    "optimizer": .object(["kind": .string("adam"), "learning_rate": .number(0.02)]),
    "batch_size": .int(16), "steps": .int(300),
  ]
  return net
}

private func cure(_ net: RunBuilder, _ changes: [Change]) throws -> Cure {
  let run = try net.run()
  let outcome = try Cure.search(
    run, on: try TrialData(run), knowsStart: true, isTrained: true,
    changes.map { Cure.Proposal($0) }, workers: 2)
  guard case .done(let cure) = outcome else { throw Missing() }
  return cure
}

@Test func `a line through a fold needs a hidden layer, and the cure is written with it`() throws {
  let change = Change.hiddenLayer(before: "head", units: 16)
  let found = try cure(net(hidden: []), [.freshWeights, .learningRate(factor: 10), change])
  #expect(found.outcome == .cured && found.parts.map(\.change) == [change])
  let revived = try #require(found.revived)
  #expect(revived.parameters.map(\.shape).contains([16, 2]))
  let folder = TemporaryFolder()
  try revived.write(to: folder.file("revived"))
  let written = try Run(reading: folder.file("revived"))
  #expect(written.graph.nodes.map(\.op) == ["Gemm", "Relu", "Gemm"])
  let stepper = try Stepper(written, from: try Weights(written))
  #expect(try abs(stepper.dataLoss(0..<120) - revived.loss) < 1e-5)
}

@Test func `the modules of PyTorch get the names that its sequence gives them`() throws {
  var net = net(hidden: [])
  net.provenance = ["framework": "pytorch"]
  let shapes = try #require(Change.hiddenLayer(before: "head", units: 16).shapes(net.run()))
  #expect(shapes == ["head.0.weight": [16, 2], "head.0.bias": [16], "head.2.weight": [1, 16]])
}

@Test func `a narrow layer is made wider with all that depends on it`() throws {
  let run = try net(hidden: [24, 1, 24]).run()
  let change = Change.wider(nodes: ["fc1"], units: 24)
  let shapes = try #require(change.shapes(run))
  #expect(shapes == ["fc1.weight": [24, 24], "fc1.bias": [24], "fc2.weight": [24, 24]])
  let all = Change.resizable(run, try Plan(run, rows: 1))
  #expect(all.map(\.node) == ["fc0", "fc1", "fc2"] && all.map(\.units) == [24, 1, 24])
  // One unit tells all of a sum, unless it sees nothing but a line through the inputs.
  let first = Change.wider(nodes: ["fc0"], units: 24)
  let found = try cure(net(hidden: [1, 24]), [.learningRate(factor: 0.1), first])
  #expect(found.outcome == .cured && found.parts.map(\.change).contains(first))
}

@Test func `a kernel between two layers grows along both axes`() throws {
  let run = try net(hidden: [4, 6]).run()
  let shapes = try #require(Change.wider(nodes: ["fc0", "fc1"], units: 32).shapes(run))
  #expect(shapes["fc1.weight"] == [32, 32] && shapes["head.weight"] == [1, 32])
}

@Test func `what does not fit a layer is no change`() throws {
  let run = try net(hidden: [4]).run()
  #expect(Change.wider(nodes: ["head"], units: 32).shapes(run) == nil)
  #expect(Change.hiddenLayer(before: "act0", units: 8).shapes(run) == nil)
  #expect(Change.hiddenLayer(before: "nothing", units: 8).shapes(run) == nil)
}

@Test(
  arguments: [
    (0.0, [0.9, 0.95, 0.92], 100, Cure.Outcome.cured), (0.0, [0.3, 0.35, 0.32], 100, .helped),
    (0.9, [0.97, 0.98, 0.96], 400, .cured), (0.9, [0.97, 0.98, 0.96], 10, .none),
    (0.5, [0.9, 0.9, 0.4], 400, .none), (0.99, [0.999, 0.999, 0.999], 4000, .none),
  ] as [(Double, [Double], Int, Cure.Outcome)])
func `a gain counts when it is large, or halves what was missing beyond chance`(
  start: Double, skills: [Double], rows: Int, outcome: Cure.Outcome
) {
  let verdict = CureVerdict(from: start, to: skills) { skill in
    (max(skill * (1 - skill), 0.01) / Double(rows)).squareRoot()
  }
  #expect(verdict.outcome == outcome)
}
