import Testing

@testable import Replay
@testable import Runs
@testable import Trials

@Test func `a dense network by hand`() throws {
  var net = RunBuilder()
  net.input([[1, 2], [3, 4], [-1, 1]])
  net.dense("fc1", [[1, 0], [0, -1]], bias: [0, 0.5])
  net.layer("Relu", "relu")
  net.dense("fc2", [[2, 3]], bias: [1])
  net.loss("mse", shape: [3, 1], [1, 2, 3])
  let run = try net.run()
  let result = try ReplayPass(run, collectOutputs: true).run(workers: 1)
  #expect(result.outputs[0].values == [3, 7, 1])
  #expect(abs(result.vitals.loss - (4.0 + 25 + 4) / 3) < 1e-6)
  let relu = try #require(run.graph.tensor(named: "fc1"))
  #expect(result.vitals.activations[relu]?.maximum == [3, -0.5])
  let bias = try #require(run.graph.tensor(named: "fc2.bias"))
  #expect(abs((result.vitals.parameterGradients[bias]?[0] ?? 0) - 2.0 * (2 + 5 - 2) / 3) < 1e-6)
}

@Test func `a tensor used twice gets both gradients`() throws {
  // y = h·w + h with h = 2x: dL/dx-weights sums both paths.
  var net = RunBuilder()
  net.input([[1], [2]])
  net.dense("h", [[2]])
  net.parameter("w", shape: [1, 1], [3])
  net.layer("MatMul", "product", operands: ["w"])
  net.layer("Add", "sum", operands: ["h"])
  net.loss("mse", shape: [2, 1], [0, 0])
  let run = try net.run()
  let vitals = try ReplayPass(run).run(workers: 1).vitals
  // y = 8x, L = mean(64 x²) = 160; dL/dh.weight = mean(2·8x·4x) = 2·8·4·2.5.
  #expect(abs(vitals.loss - 160) < 1e-4)
  let weight = try #require(run.graph.tensor(named: "h.weight"))
  #expect(abs((vitals.parameterGradients[weight]?[0] ?? 0) - 160) < 1e-4)
  let w = try #require(run.graph.tensor(named: "w"))
  #expect(abs((vitals.parameterGradients[w]?[0] ?? 0) - 80) < 1e-4)
}

@Test func `no gradient goes back through what stops it`() throws {
  // y = stop(√(a·x))·b + a·x: a gets its gradient by the sum alone, not the infinite one of √0.
  var net = RunBuilder()
  net.input([[0], [1]])
  net.dense("a", [[4]])
  net.layer("Sqrt", "root")
  net.layer("StopGradient", "stop")
  net.dense("b", [[3]])
  net.layer("Add", "sum", operands: ["a"])
  net.loss("mse", shape: [2, 1], [0, 0])
  let run = try net.run()
  let vitals = try ReplayPass(run).run(workers: 1).vitals
  // y = [0, 10]: L = 50, dL/da = 10·1, dL/db = 10·2.
  let gradients = try ["a.weight", "b.weight"].map { name in
    vitals.parameterGradients[try #require(run.graph.tensor(named: name))]?[0]
  }
  #expect(gradients == [10, 20])
}

@Test func `parameters before a stop get no gradient`() throws {
  var net = RunBuilder()
  net.input([[1], [2]])
  net.dense("a", [[4]])
  net.layer("StopGradient", "stop")
  net.dense("b", [[3]])
  net.loss("mse", shape: [2, 1], [0, 0])
  let run = try net.run()
  let flow = GradientFlow(run)
  let tensors = try ["a.weight", "a", "stop", "b.weight"].map {
    try #require(run.graph.tensor(named: $0))
  }
  #expect(tensors.map { flow.reached[$0] } == [false, false, true, true])
  #expect(tensors.map { flow.stopped[$0] } == [true, true, false, false])
  #expect(tensors.map { flow.wanted[$0] } == [false, false, false, true])
  let vitals = try ReplayPass(run).run(workers: 1).vitals
  #expect(vitals.parameterGradients[tensors[0]] == nil)
  #expect(vitals.parameterGradients[tensors[3]]?[0] == 240)
}

@Test func `a run without rows is replayed`() throws {
  var net = RunBuilder()
  net.input(shape: [0, 2], [])
  net.dense("fc", [[1, 2]])
  net.loss("mse", shape: [0, 1], [])
  let result = try ReplayPass(try net.run(), collectOutputs: true).run()
  #expect(result.vitals.samples == 0)
  #expect(result.outputs[0].shape.dims == [0, 1])
}
