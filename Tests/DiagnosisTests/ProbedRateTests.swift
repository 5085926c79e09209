import Diagnosis
import Runs
import Support
import Testing

/// 110 columns copied to 100 by gradient descent from 0: too large for trials with little effort.
private func wide(rate: Double, ended diagonal: Float) throws -> Run {
  var random = FixedRandom(seed: 3)
  let x = (0..<16).map { _ in (0..<110).map { _ in Float(random.normal()) } }
  let zeros = [Float](repeating: 0, count: 110)
  let weights = (0..<100).map { row in
    var values = zeros
    values[row] = diagonal
    return values
  }
  var net = RunBuilder()
  net.input(x)
  net.dense("fc", weights, initial: [[Float]](repeating: zeros, count: 100))
  net.loss("mse", shape: [16, 100], x.flatMap { $0.prefix(100) })
  net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(rate)])
  net.training["steps"] = .int(50)
  return try net.run()
}

private let rateRules = ["learning-rate-too-high", "learning-rate-too-low"]

private func rates(_ run: Run) throws -> [Finding] {
  var options = Check.Options()
  options.select = rateRules
  options.effort = 0.01
  let report = try Check(options).run(run)
  #expect(report.checked == rateRules, "a network that is too large is judged by a probe")
  return report.findings
}

@Test func `a rate that throws a large network up is told`() throws {
  let found = try rates(try wide(rate: 100, ended: -1e6))
  #expect(found.map(\.rule.rawValue) == ["learning-rate-too-high"])
  #expect(found.first?.remedy == "Lower the learning rate to about 1.")
}

@Test func `a rate that does not move a large network is told`() throws {
  let found = try rates(try wide(rate: 1e-6, ended: 1e-5))
  #expect(found.map(\.rule.rawValue) == ["learning-rate-too-low"])
}

@Test(arguments: [1.0, 100, 1e-6])
func `a large network that learned is left alone, whatever a probe of its rate does`(
  rate: Double
) throws {
  #expect(try rates(try wide(rate: rate, ended: 0.99)).isEmpty)
}
