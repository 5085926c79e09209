import Replay
import Runs
import Support
import Testing

@testable import Diagnosis

/// Snapshots tell when a state of the network began, within one of them.
@Suite struct DatingTests {
  /// A network of four rectified units, whose bias is the same in all units that are dead.
  private func network(
    samples: Int = 64, start: Int? = 0, _ dead: [(step: Int, dead: Int)], end: Int = 4
  ) -> RunBuilder {
    func bias(_ dead: Int) -> [Float] { (0..<4).map { $0 < dead ? -50 : 0.1 } }
    var random = SeededGenerator(seed: 5)
    var net = RunBuilder()
    net.input((0..<samples).map { _ in [random.signed(), random.signed()] })
    let weights: [[Float]] = [[1, -1], [0.5, 1], [-1, 0.5], [-0.7, -1]]
    let head: [[Float]] = [[1, 0.5, -0.5, 0.3]]
    net.dense(
      "hidden", weights, bias: bias(end), initial: start.map { _ in weights },
      initialBias: start.map(bias))
    net.layer("Relu", "relu")
    net.dense(
      "out", head, bias: [0.3], initial: start.map { _ in [[0.9, 0.5, -0.5, 0.3]] },
      initialBias: start.map { _ in [0.3] })
    net.loss("mse", shape: [samples, 1], (0..<samples).map { _ in random.signed() })
    net.training = [
      "batch_size": .int(16), "epochs": .int(100), "steps": .int(400),
      "optimizer": .object(["kind": .string("sgd"), "learning_rate": .number(0.01)]),
    ]
    for (step, count) in dead {
      net.snapshot(
        step: step,
        [
          "hidden.weight": weights.flatMap { $0 }, "hidden.bias": bias(count),
          "out.weight": head.flatMap { $0 }, "out.bias": [0.3],
        ])
    }
    return net
  }

  private func dated(_ net: RunBuilder, _ id: String = "dead-units:relu") throws -> Since? {
    try Check().run(net.run()).finding(id)?.since
  }

  @Test func `a fault begins between the last moment without it and the first with it`() throws {
    let since = try #require(try dated(network([(10, 0), (100, 1), (200, 3), (300, 4)])))
    #expect((since.after, since.step, since.epoch) == (10, 100, 25))
    #expect(since.course.map(\.amount.value) == [1, 3, 4, 4])
    #expect(
      since.text
        == "Began between updates 10 and 100: 1 of 4 units dead after 100 (epoch 25), 3 after 200 "
        + "(epoch 50), 4 after 300 (epoch 75).")
  }

  @Test func `what was there before the training is no news of it`() throws {
    let since = try #require(try dated(network(start: 3, [(10, 3), (100, 4)])))
    #expect(since.wasThereAtStart && since.onset == nil)
    #expect(since.text.hasPrefix("There before the training already: 3 of 4 units dead then, 4"))
  }

  @Test func `without the start the first snapshot is the earliest moment`() throws {
    let since = try #require(try dated(network(start: nil, [(10, 4), (100, 4)])))
    #expect((since.after, since.step, since.onset) == (nil, 10, nil))
    #expect(since.text.hasPrefix("There at the first snapshot"))
  }

  @Test func `after the last snapshot there is only the end`() throws {
    let since = try #require(try dated(network([(10, 0), (100, 0)])))
    #expect((since.after, since.step) == (100, 400))
    #expect(
      since.text == "Began between updates 100 and 400: 4 of 4 units dead after 400 (epoch 100).")
  }

  @Test func `a fault that came and went counts from its last coming`() throws {
    let since = try #require(try dated(network([(10, 4), (100, 0), (200, 4)])))
    #expect((since.after, since.step) == (100, 200))
  }

  @Test func `a share below an alarm is not its beginning`() throws {
    // Of 4 units 1 is a quarter, an alarm; of the outputs nothing collapses before all are dead.
    let report = try Check().run(network([(10, 0), (100, 3), (200, 4)]).run())
    let collapse = try #require(report.finding("signal-collapse:relu")?.since)
    #expect((collapse.after, collapse.step) == (100, 200))
    let output = try #require(report.findings.first { $0.rule == .identicalOutputs }?.since)
    #expect((output.after, output.step) == (100, 200))
    let gradient = try #require(report.findings.first { $0.rule == .zeroGradient }?.since)
    #expect((gradient.after, gradient.step) == (100, 200))
  }

  @Test func `weights that became NaN are dated too`() throws {
    var net = network([(10, 0), (100, 0)], end: 0)
    net.snapshot(
      step: 200,
      [
        "hidden.weight": [Float](repeating: .nan, count: 8), "hidden.bias": [0, 0, 0, 0],
        "out.weight": [1, 1, 1, 1], "out.bias": [0.3],
      ])
    // The end was restored: nothing is wrong with it, and the figures show what happened before.
    let report = try Check().run(net.run())
    let figures = try #require(report.timeline).moments.map(\.figures)
    #expect(figures.map(\.isFinite) == [true, true, true, false, true])
    #expect(report.findings.allSatisfy { $0.rule != .nonFinite })
    var broken = RunBuilder()
    broken.input([[1], [2], [3]])
    broken.dense("fc", [[.nan]], initial: [[1]])
    broken.loss("mse", shape: [3, 1], [1, 2, 3])
    broken.training["steps"] = .int(30)
    broken.snapshot(step: 10, ["fc.weight": [3]])
    broken.snapshot(step: 20, ["fc.weight": [.nan]])
    let since = try #require(try dated(broken, "non-finite:fc.weight"))
    #expect((since.after, since.step) == (10, 20))
  }

  @Test func `a recorded loss is followed as far as it went`() throws {
    var net = network([(100, 0), (200, 0), (300, 0)], end: 0)
    net.record("loss", (0..<100).map { $0 < 60 ? 1 / Float($0 + 1) : Float($0 - 59) })
    let since = try #require(try dated(net, "diverging-loss:training"))
    #expect((since.after, since.step) == (200, 300))
  }

  @Test func `a run without snapshots has no timeline`() throws {
    let report = try Check().run(network([]).run())
    #expect(report.timeline == nil && report.findings.allSatisfy { $0.since == nil })
  }

  @Test func `the figures do not depend on the workers`() throws {
    let run = try network(samples: 512, [(10, 0), (100, 1), (200, 3), (300, 4)]).run()
    var options = Check.Options()
    var first: Timeline?
    for workers in [1, 2, 3, 7] {
      options.workers = workers
      let timeline = try #require(try Check(options).examine(run, Progress()).timeline)
      #expect(timeline.samples == 512)
      #expect(timeline.moments.map(\.figures.deadUnits) == [0, 0, 1, 3, 4, 4])
      first = first ?? timeline
      #expect(timeline.moments.map(\.figures) == first?.moments.map(\.figures))
    }
  }
}
