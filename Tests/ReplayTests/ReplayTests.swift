import Testing

@testable import Replay

@Test func aDenseNetworkByHand() throws {
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
