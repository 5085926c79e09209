import Replay
import Runs
import Testing

@testable import Diagnosis

/// Reports in which one fault shows in many places, or in many ways.
private enum Runs {
  /// y = 2·x₀ − x₁ on 40 samples by two layers, at given weights.
  static func network(_ end: Float?, rate: Double = 0.05, missing: [String] = []) -> RunBuilder {
    var net = RunBuilder()
    let rows: [[Float]] = (0..<40).map {
      [Float(($0 * 7) % 11) / 5 - 1, Float(($0 * 5) % 13) / 6 - 1]
    }
    net.input(rows)
    let first: [[Float]] = [[0.5, -0.4], [0.3, 0.6], [-0.2, 0.5]]
    let second: [[Float]] = [[0.4, -0.5, 0.3]]
    let now = { (rows: [[Float]]) in end.map { end in rows.map { $0.map { _ in end } } } ?? rows }
    net.dense(
      "fc1", now(first), bias: end.map { [$0, $0, $0] } ?? [0.1, 0.1, 0.1], initial: first,
      initialBias: [0.1, 0.1, 0.1])
    net.layer("Tanh")
    net.dense(
      "fc2", now(second), bias: end.map { [$0] } ?? [0.1], initial: second, initialBias: [0.1])
    net.loss("mse", shape: [40, 1], rows.map { 2 * $0[0] - $0[1] })
    net.training["steps"] = .int(200)
    var optimizer: [String: JSONValue] = [
      "kind": .string("sgd"), "learning_rate": .number(rate),
    ]
    if !missing.isEmpty { optimizer["missing"] = .strings(missing) }
    net.training["optimizer"] = .object(optimizer)
    return net
  }

  static let parameters = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
}

@Test func `nan is one cause`() throws {
  var net = Runs.network(.nan)
  net.record("loss", [2, 5, 80, .nan, .nan, .nan, .nan, .nan, .nan, .nan, .nan, .nan])
  let report = try Check().run(try net.run())
  let found = report.findings.filter { $0.rule == .nonFinite }
  #expect(found.count == 1)
  #expect(Set(found.flatMap(\.places).map(\.name)) == Set(Runs.parameters))
  // The same training, played again as it was set, stays finite: the loop did something else.
  #expect(report.causes == ["loop-mismatch:training"])
  #expect(found.first?.causedBy == report.causes)
}

@Test func `nothing moved is one error and comes first`() throws {
  var net = Runs.network(nil)
  net.record("loss", (0..<20).map { _ in 1.5 })
  let report = try Check().run(try net.run())
  let found = report.findings.filter { $0.rule == .unchangedWeights }
  #expect(found.count == 1)
  #expect(found.first?.severity == .error)
  #expect(Set(found.flatMap(\.places).map(\.name)) == Set(Runs.parameters))
  let stop = report.findings.filter { $0.rule == .unsteppedOptimizer }
  #expect(report.causes == stop.map(\.id))
  #expect(found.first?.causedBy == stop.map(\.id))
}

@Test func `steps lost in rounding are a learning rate too low`() throws {
  var net = Runs.network(nil, rate: 1e-12)
  net.record("loss", (0..<20).map { _ in 1.5 })
  let report = try Check().run(try net.run())
  #expect(report.causes == ["learning-rate-too-low:training"])
}

@Test func `an optimizer of another model is one cause`() throws {
  var net = Runs.network(nil, missing: Runs.parameters)
  net.record("loss", (0..<20).map { _ in 1.5 })
  let report = try Check().run(try net.run())
  #expect(report.causes.count == 1)
  #expect(report.causes.first?.hasPrefix("unoptimized-parameters:") == true)
  #expect(report.findings.allSatisfy { $0.rule != .optimizerSettings })
}

@Test func `places of one fault are one finding`() throws {
  var net = RunBuilder()
  net.input([[1, 2], [-1, 0.5], [0.3, -2]])
  net.dense("fc1", [[1, 1], [0.5, -1]], bias: [-10, -10])
  net.layer("Relu", "relu1")
  net.dense("fc2", [[1, 0.5]], bias: [0])
  net.loss("mse", shape: [3, 1], [1, 2, 3])
  let report = try Check().run(try net.run())
  let found = report.findings.filter { $0.rule == .zeroGradient }
  #expect(found.map { $0.places.map(\.name) } == [["fc1.weight", "fc1.bias", "fc2.weight"]])
  #expect(Set(report.findings.map(\.id)).count == report.findings.count)
}
