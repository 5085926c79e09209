import Testing

@testable import Replay
@testable import Runs
@testable import Trials

/// A loss of nodes, as a run has it.
private func graph(
  _ nodes: [(String, [String], String)], gives output: String
) -> [String: JSONValue] {
  [
    "graph": .object([
      "inputs": .array([.string("p"), .string("t")]),
      "nodes": .array(
        nodes.map { op, inputs, output in
          .object([
            "name": .string(output), "op": .string(op),
            "inputs": .array(inputs.map(JSONValue.string)),
            "outputs": .array([.string(output)]),
          ])
        }),
      "output": .string(output),
    ])
  ]
}

@Suite struct PredictionSearchTests {
  private let rows = 160

  private func yardstick(
    _ kind: String, _ targets: [Float], width: Int, settings: [String: JSONValue] = [:]
  ) throws -> Yardstick? {
    var net = RunBuilder()
    net.input((0..<rows).map { [Float($0 % 13) - 6, Float($0 % 5)] })
    net.dense("fc", (0..<width).map { _ in [0.25, -0.5] }, bias: Array(repeating: 0, count: width))
    net.loss(kind, shape: [rows, targets.count / rows], targets, settings: settings)
    let run = try net.run()
    return try Yardstick(try Stepper(run, from: try Weights(run)), try TrialData(run))
  }

  private func targets(_ width: Int) -> [Float] {
    (0..<(rows * width)).map { Float($0 * 29 % 17) / 3 + Float($0 % width) }
  }

  @Test func `the best constant of an own squared error is that of the squared error`() throws {
    let known = try #require(try yardstick("mse", targets(2), width: 2))
    let own = try #require(
      try yardstick(
        "custom", targets(2), width: 2,
        settings: graph([("Sub", ["p", "t"], "d"), ("Mul", ["d", "d"], "s")], gives: "s")))
    // The search has the rows that are trained on; the mean of those that are judged may differ.
    #expect(abs(own.constant - known.constant) < 1e-2 * known.constant)
    #expect(abs(own.perfect) < 1e-6)
  }

  @Test func `a loss that no statistic suits gets its constant by search`() throws {
    // (log p² − t)²: the best constant is p = e^(mean / 2), the best of each sample e^(t / 2).
    let own = try #require(
      try yardstick(
        "custom", targets(1), width: 1,
        settings: graph(
          [
            ("Mul", ["p", "p"], "square"), ("Log", ["square"], "log"), ("Sub", ["log", "t"], "d"),
            ("Mul", ["d", "d"], "s"),
          ], gives: "s")))
    let known = try #require(try yardstick("mse", targets(1), width: 1))
    #expect(abs(own.constant - known.constant) < 2e-2 * known.constant)
    #expect(own.perfect < 0.05 * own.constant)
  }

  @Test func `a loss that falls for ever has no yardstick`() throws {
    let own = try yardstick(
      "custom", targets(1), width: 1, settings: graph([("Mul", ["p", "t"], "s")], gives: "s"))
    #expect(own == nil)
  }

  @Test(arguments: ["Sigmoid", "Softmax"])
  func `what a head cannot give is no perfect prediction`(op: String) throws {
    // −p·t: unbounded predictions would cost less and less.
    let own = graph(
      [
        ("Mul", ["p", "t"], "match"), ("ReduceMean", ["match"], "mean"), ("Neg", ["mean"], "loss"),
      ],
      gives: "loss")
    var net = RunBuilder()
    net.input((0..<rows).map { [Float($0 % 13) - 6, Float($0 % 5)] })
    net.dense("fc", [[0.25, -0.5], [-0.25, 0.5]], bias: [0, 0])
    net.layer(op)
    let targets = (0..<rows).flatMap { row -> [Float] in row % 3 == 0 ? [1, -1] : [-1, 1] }
    net.loss("custom", shape: [rows, 2], targets, settings: own)
    let run = try net.run()
    let found = try #require(
      try Yardstick(try Stepper(run, from: try Weights(run)), try TrialData(run)))
    #expect(abs(found.perfect + 0.5) < 1e-3)
  }

  @Test func `a loss that no prediction changes has no yardstick`() throws {
    let own = try yardstick(
      "custom", targets(1), width: 1, settings: graph([("Mul", ["t", "t"], "s")], gives: "s"))
    #expect(own == nil)
  }
}
