import Support
import Testing

@testable import Replay
@testable import Runs
@testable import Trials

private struct Missing: Error {}

/// A network on `y = sin(2 a) + b`, whose columns and targets may be scaled, before and after no training.
private func net(
  input: Float = 1, target: Float = 1, shift: Float = 0, rate: Double = 0.05, op: String = "Tanh",
  first: String? = nil, samples: Int = 160
) -> RunBuilder {
  var random = FixedRandom(seed: 3)
  var (rows, targets) = ([[Float]](), [Float]())
  for _ in 0..<samples {
    let (a, b) = (Float(random.normal()), Float(random.normal()))
    rows.append([a * input + shift, b * input + shift])
    targets.append(((2 * a).sine + b) * target + shift)
  }
  var net = RunBuilder()
  net.input(rows)
  if let first { net.layer(first, "pre") }
  func weights(_ rows: Int, _ columns: Int) -> [[Float]] {
    (0..<rows).map { _ in (0..<columns).map { _ in Float(random.normal()) * 0.7 } }
  }
  let first = weights(12, 2)
  net.dense("fc1", first, bias: [Float](repeating: 0, count: 12))
  net.layer(op, "act")
  net.dense("fc2", weights(1, 12), bias: [0])
  net.loss("mse", shape: [samples, 1], targets)
  net.training = [
    "optimizer": .object(["kind": .string("sgd"), "learning_rate": .number(rate)]),
    "batch_size": .int(16), "steps": .int(400),
  ]
  return net
}

extension Float {
  fileprivate var sine: Float {
    // Enough of the series for what a sample may be.
    var x = self
    while x > .pi { x -= 2 * .pi }
    while x < -.pi { x += 2 * .pi }
    let s = x * x
    return x * (1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110)))))
  }
}

private func cure(
  _ net: RunBuilder, _ changes: [Change], rule: String? = "a-rule", workers: Int = 2
) throws -> Cure {
  let run = try net.run()
  let outcome = try Cure.search(
    run, on: try TrialData(run), knowsStart: true, isTrained: true,
    changes.map { Cure.Proposal($0, rule: rule) }, workers: workers)
  guard case .done(let cure) = outcome else { throw Missing() }
  return cure
}

private let few: [Change] = [
  .freshWeights, .withoutOutliers, .learningRate(factor: 0.1), .learningRate(factor: 1000),
]

@Test func `a learning rate that is too low is what cures`() throws {
  let found = try cure(net(rate: 5e-5), few)
  #expect(found.outcome == .cured)
  #expect(found.parts.map(\.change) == [.learningRate(factor: 1000)])
  #expect(found.best.scores.count == 5)
  #expect(try #require(found.before) < 0.2 && found.best.mean > 0.7)
  #expect(found.tried.count == 3)
  #expect(found.courses.map(\.changes) == [[.asSet], [.learningRate(factor: 1000)]])
  for course in found.courses {
    #expect(course.updates.first == 0 && course.updates.last == 400)
    #expect(course.scores.count == course.updates.count)
  }
  #expect(try #require(found.courses[1].scores.last) > 0.5)
  #expect(try #require(found.courses[0].scores.last) < 0.3)
}

@Test func `several faults at once need as many changes, and each is worth something`() throws {
  let found = try cure(
    net(input: 300, shift: 500, rate: 5e-5), few + [.scaledInputs(["x"]), .scaledTargets(["y"])])
  #expect(Set(found.parts.map(\.change.family)) == [.inputs, .scale, .rate])
  #expect(found.outcome == .cured)
  for part in found.parts { #expect(part.without.mean < found.best.mean - 0.03) }
}

@Test func `what learned has no cure, and a cure is written as a run`() throws {
  // The weights are those of before the training: the same training again is all that it takes.
  let found = try cure(net(), [.learningRate(factor: 0.1), .freshWeights])
  #expect(found.parts.map(\.change) == [.asSet])
  let folder = TemporaryFolder()
  try #require(found.revived).write(to: folder.file("revived"))
  let written = try Run(reading: folder.file("revived"))
  let again = try Cure.search(
    written, on: try TrialData(written), knowsStart: true, isTrained: true,
    [.init(.learningRate(factor: 0.1)), .init(.freshWeights)])
  guard case .done(let second) = again else { throw Missing() }
  #expect(second.outcome == .none && second.revived == nil)
  #expect(throws: (any Error).self) { try found.revived?.write(to: folder.file("revived")) }
}

@Test(arguments: [1, 3, 7]) func `the cure does not depend on the workers`(workers: Int) throws {
  let one = try cure(net(rate: 5e-5), few, workers: 2)
  let other = try cure(net(rate: 5e-5), few, workers: workers)
  #expect(one.best.scores == other.best.scores)
  #expect(one.revived?.parameters.map(\.values) == other.revived?.parameters.map(\.values))
  #expect(one.revived?.loss == other.revived?.loss)
}

@Test func `standardized data is folded into the first and the last layer`() throws {
  let found = try cure(
    net(input: 20, target: 50, shift: 90, rate: 0.05),
    [.scaledInputs(["x"]), .scaledTargets(["y"])])
  #expect(Set(found.parts.map(\.change.family)) == [.inputs, .scale])
  let revived = try #require(found.revived)
  #expect(revived.folded == ["x", "y"] && revived.lines.isEmpty)
  // On the data as they are: the loss that R² promises.
  #expect(revived.loss < 0.5 * 50 * 50 * 1.5)
  let stepper = try Stepper(revived.run, from: try Weights(revived.run))
  #expect(try abs(stepper.dataLoss(0..<160) - revived.loss) < 1e-4 * revived.loss)
  #expect(revived.run.data["x"]?.file == (try net().run()).data["x"]?.file)
}

@Test func `what cannot be folded is told as a line`() throws {
  let found = try cure(
    net(input: 20, shift: 90, first: "Tanh"), [.scaledInputs(["x"]), .freshWeights])
  let revived = try #require(found.revived)
  #expect(revived.folded.isEmpty && revived.lines.map(\.name) == ["x"])
  #expect(abs((revived.lines.first?.mean.first ?? 0) - 90) < 5)
}

@Test func `a change that does not fit the run is told, and no error`() throws {
  let found = try cure(
    net(rate: 5e-5), [.loss(term: 0, kind: "nll"), .learningRate(factor: 1000)])
  #expect(found.failed.map(\.change) == [.loss(term: 0, kind: "nll")])
  #expect(found.outcome == .cured)
}

@Test func `activations are replaced, inserted and taken away`() throws {
  let run = try net().run()
  for (change, ops) in [
    (Change.activations(nodes: ["act"], to: .relu), ["Gemm", "Relu", "Gemm"]),
    (.head(node: "act", to: .identity), ["Gemm", "Identity", "Gemm"]),
    (.inserted(after: ["fc1"], op: .relu), ["Gemm", "Relu", "Tanh", "Gemm"]),
  ] {
    var document = try #require(run.origin).document
    change.edit(&document, run)
    #expect(try run.reading(document).graph.nodes.map(\.op) == ops)
  }
}

@Test func `a rate is changed with its groups and its schedule`() throws {
  var net = net()
  net.training["optimizer"] = .object([
    "kind": .string("sgd"), "learning_rate": .number(0.5),
    "groups": .array([
      .object(["parameters": .strings(["fc1.weight"]), "learning_rate": .number(0.25)])
    ]),
    "schedule": .object(["updates": .ints([0, 9]), "rates": .numbers([0.5, 0.1])]),
  ])
  let run = try net.run()
  var document = try #require(run.origin).document
  Change.learningRate(factor: 0.1).edit(&document, run)
  let optimizer = try #require(try run.reading(document).training.optimizer)
  #expect(optimizer.learningRate == 0.05 && optimizer.schedule?.rates == [0.05, 0.1 * 0.1])
  #expect(optimizer.numbers(for: "fc1.weight")["learning_rate"] == 0.025)
}
