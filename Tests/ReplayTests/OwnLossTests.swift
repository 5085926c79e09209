import Operators
import Testing

@testable import Replay
@testable import Runs

/// The graph of a loss in run.json, of nodes `(op, inputs, output)`; its inputs are p, t and more.
func ownLoss(
  _ nodes: [(op: String, inputs: [String], output: String)], gives output: String,
  beside others: [String] = [], attributes: [String: [String: JSONValue]] = [:]
) -> [String: JSONValue] {
  let list = nodes.map { node in
    JSONValue.object([
      "name": .string(node.output), "op": .string(node.op),
      "inputs": .array(node.inputs.map(JSONValue.string)),
      "outputs": .array([.string(node.output)]),
      "attributes": .object(attributes[node.output] ?? [:]),
    ])
  }
  let inputs = ["p", "t"] + others.indices.map { "other\($0)" }
  let graph = JSONValue.object([
    "inputs": .array(inputs.map(JSONValue.string)), "nodes": .array(list),
    "output": .string(output),
  ])
  guard !others.isEmpty else { return ["graph": graph] }
  return ["graph": graph, "others": .array(others.map(JSONValue.string))]
}

private let square: [(op: String, inputs: [String], output: String)] = [
  ("Sub", ["p", "t"], "d"), ("Mul", ["d", "d"], "square"),
]
private let root =
  square + [("ReduceMean", ["square"], "mean"), ("Sqrt", ["mean"], "root")]

private func measured(_ run: Run) throws -> (loss: Double, gradients: [[Double]]) {
  let vitals = try ReplayPass(run).run(workers: 2).vitals
  return (
    vitals.loss, run.graph.parameters.compactMap { vitals.parameterGradients[$0.tensor] }
  )
}

@Suite struct OwnLossTests {
  /// y = 2x + 1 on as many samples as there are targets.
  private func line(_ targets: [Float], batch: Int? = nil) -> RunBuilder {
    var net = RunBuilder()
    net.input(targets.indices.map { [Float($0 % 7) - 3] })
    net.dense("fc", [[2]], bias: [1])
    if let batch { net.training["batch_size"] = .int(batch) }
    return net
  }

  private let targets: [Float] = (0..<300).map { Float($0 * 37 % 11) - 4 }

  @Test(arguments: ["mean", "sum"])
  func `the terms of a squared error are the squared error`(reduction: String) throws {
    var (known, own) = (line(targets, batch: 64), line(targets, batch: 64))
    known.loss("mse", shape: [300, 1], targets, settings: ["reduction": .string(reduction)])
    var settings = ownLoss(square, gives: "square")
    settings["reduction"] = .string(reduction)
    own.loss("custom", shape: [300, 1], targets, settings: settings)
    let (a, b) = (try measured(try known.run()), try measured(try own.run()))
    #expect(abs(a.loss - b.loss) <= 1e-6 * a.loss)
    for (one, other) in zip(a.gradients.joined(), b.gradients.joined()) {
      #expect(abs(one - other) <= 1e-5 * abs(one))
    }
    #expect(try Plan(try own.run(), rows: 64).couplings == [.none])
  }

  @Test func `what a graph of a loss needs is asked of the memory before it is taken`() throws {
    func planned(_ shape: [Int]) throws -> Plan {
      var net = line(targets)
      net.loss("custom", shape: shape, targets, settings: ownLoss(root, gives: "root"))
      var run = try net.run()
      run.memory = MemoryBudget(bytes: 100_000)
      return try Plan(run, rows: 300)
    }
    _ = try planned([300, 1])
    // (N, 1) against (N,) makes N × N pairs.
    let error = #expect(throws: RunError.self) { try planned([300]) }
    #expect(error.map { "\($0)" }?.contains("graph of losses[0]") == true)
  }

  @Test(arguments: [300, 64])
  func `a root of a mean is taken of the whole batch`(batch: Int) throws {
    var net = line(targets, batch: batch)
    net.loss("custom", shape: [300, 1], targets, settings: ownLoss(root, gives: "root"))
    let run = try net.run()
    #expect(try Plan(run, rows: batch).couplings == [.whole])
    var (loss, slope) = (0.0, 0.0)
    for first in stride(from: 0, to: 300, by: batch) {
      let rows = first..<min(300, first + batch)
      let errors = rows.map { 2 * (Double($0 % 7) - 3) + 1 - Double(targets[$0]) }
      let mean = errors.reduce(0) { $0 + $1 * $1 } / Double(rows.count)
      let share = Double(rows.count) / 300
      loss += share * mean.squareRoot()
      slope += share * errors.reduce(0, +) / Double(rows.count) / mean.squareRoot()
    }
    let found = try measured(run)
    #expect(abs(found.loss - loss) < 1e-5 * loss)
    // The bias moves every prediction alike.
    #expect(abs(found.gradients[1][0] - slope) < 1e-4 * abs(slope))
  }

  @Test func `pairs of all samples are told from a number of the whole batch`() throws {
    var net = line(Array(targets.prefix(8)))
    net.loss(
      "custom", shape: [8], Array(targets.prefix(8)),
      settings: ownLoss(square, gives: "square"))
    #expect(try Plan(try net.run(), rows: 8).couplings == [.mixed])
  }

  /// p · q + y₂² · p summed up: both predictions get a gradient, and further targets none.
  @Test func `several predictions and further targets meet in one loss`() throws {
    var net = RunBuilder()
    net.input([[1], [2], [-1]])
    net.dense("one", [[2]], bias: [0.5])
    net.branch(from: "x")
    net.dense("two", [[-1]], bias: [1])
    net.rows("y2", shape: [3, 1], [1, 0, 2])
    net.loss(
      "custom", shape: [3, 1], [0, 0, 0],
      settings: ownLoss(
        [
          ("Mul", ["p", "other0"], "product"), ("Mul", ["other1", "other1"], "square"),
          ("Mul", ["square", "p"], "more"), ("Add", ["product", "more"], "sum"),
          ("ReduceSum", ["sum"], "total"),
        ], gives: "total", beside: ["one", "y2"], attributes: ["total": ["keepdims": .int(0)]]))
    let found = try measured(try net.run())
    // two = [0, −1, 2] is the prediction, one = [2.5, 4.5, −1.5].
    #expect(abs(found.loss - (0 - 4.5 - 3 + 8)) < 1e-5)
    let gradients = found.gradients.map { $0[0] }
    // By one: p · x and p; by two: (one + y₂²) · x and one + y₂².
    for (own, wanted) in zip(gradients, [-4, 1, 3.5 + 9 - 2.5, 3.5 + 4.5 + 2.5]) {
      #expect(abs(own - wanted) < 1e-5)
    }
  }

  @Test func `a loss without a gradient leaves zeros`() throws {
    var net = line(Array(targets.prefix(8)))
    net.loss(
      "custom", shape: [8, 1], Array(targets.prefix(8)),
      settings: ownLoss([("Mul", ["t", "t"], "square")], gives: "square"))
    let found = try measured(try net.run())
    #expect(found.gradients.allSatisfy { $0 == [0] })
  }

  @Test func `what does not fit is named`() throws {
    func message(_ settings: [String: JSONValue], _ shape: [Int] = [8, 1]) -> String {
      var net = line(Array(targets.prefix(8)))
      net.loss(
        "custom", shape: shape, Array(repeating: 0, count: shape.reduce(1, *)), settings: settings)
      do {
        _ = try measured(try net.run())
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(ownLoss(square, gives: "square"), [8, 3, 2]).contains("node \"d\" (Sub)"))
    #expect(message(ownLoss(square, gives: "cube")).contains("cube"))
    #expect(message([:]).contains("losses[0].graph"))
    #expect(message(ownLoss(square, gives: "square", beside: ["z"])).contains("losses[0].others"))
    #expect(message(ownLoss([("Sub", ["p", "fc.weight"], "d")], gives: "d")).contains("fc.weight"))
    var more = ownLoss(square, gives: "square")
    more["beta"] = .number(1)
    #expect(message(more).contains("losses[0].beta"))
  }
}
