import Testing

@testable import Replay
@testable import Runs

@Suite struct ScheduleTests {
  private func schedule(_ updates: [Int], _ rates: [Double], linear: Bool = false) throws
    -> Schedule
  {
    try #require(Schedule(updates: updates, rates: rates, isLinear: linear))
  }

  @Test func `a rate holds until the next update of the list`() throws {
    let steps = try schedule([0, 30, 60], [0.1, 0.01, 0.001])
    #expect([0, 29].map(steps.rate(at:)) == [0.1, 0.1])
    #expect([30, 59].map(steps.rate(at:)) == [0.01, 0.01])
    #expect([60, 10_000].map(steps.rate(at:)) == [0.001, 0.001])
    #expect(steps.rate(at: -1) == 0.1)
  }

  @Test func `a linear rate goes in a line and then holds`() throws {
    let warm = try schedule([0, 4, 8], [0, 1, 0.5], linear: true)
    #expect((0...9).map(warm.rate(at:)) == [0, 0.25, 0.5, 0.75, 1, 0.875, 0.75, 0.625, 0.5, 0.5])
    #expect(try schedule([0], [0.3], linear: true).rate(at: 7) == 0.3)
  }

  @Test(
    arguments: [
      ([], []), ([1], [0.1]), ([0, 0], [0.1, 0.1]), ([0, 5, 4], [1, 1, 1]), ([0, 1], [0.1]),
      ([0], [-1]), ([0], [.nan]), ([0], [.infinity]),
    ] as [([Int], [Double])])
  func `what is no schedule is not made`(updates: [Int], rates: [Double]) {
    #expect(Schedule(updates: updates, rates: rates, isLinear: false) == nil)
  }

  /// A run of 8 samples in batches of 2 with a history.
  private func run(
    _ settings: [String: JSONValue], _ name: String, _ rates: [Float], perStep: Bool = false
  ) throws -> Run {
    var net = RunBuilder()
    net.input((0..<8).map { [Float($0)] })
    net.dense("fc", [[1]], bias: [0])
    net.loss("mse", shape: [8, 1], (0..<8).map { Float($0) })
    net.training = ["batch_size": .int(2)].merging(settings) { $1 }
    net.record(name, rates, perStep: perStep)
    return try net.run()
  }

  @Test func `a series of rates stands for a schedule`() throws {
    let epochs = try run(["epochs": .int(3)], "learning_rate", [0.5, 0.5, 0.25])
    #expect(try epochs.schedule == schedule([0, 8], [0.5, 0.25]))
    let steps = try run([:], "lr", [0.5, 0.25, 0.25, 0.125], perStep: true)
    #expect(try steps.schedule == schedule([0, 1, 3], [0.5, 0.25, 0.125]))
    // A value of every tenth of 40 updates.
    let thinned = try run(["steps": .int(40)], "lr", [4, 3, 2, 1], perStep: true)
    #expect(try thinned.schedule == schedule([0, 10, 20, 30], [4, 3, 2, 1]))
    let accumulated = try run(["epochs": .int(2), "accumulation": .int(2)], "lr", [2, 1])
    #expect(try accumulated.schedule == schedule([0, 2], [2, 1]))
  }

  @Test func `the schedule that a run gives goes before its series`() throws {
    let optimizer: JSONValue = .object([
      "kind": .string("sgd"), "learning_rate": .int(1),
      "schedule": .object(["updates": .ints([0, 7]), "rates": .numbers([1, 0.5])]),
    ])
    let both = try run(["optimizer": optimizer], "lr", [9, 8])
    #expect(try both.schedule == schedule([0, 7], [1, 0.5]))
  }

  @Test func `a series that is no rate tells nothing`() throws {
    #expect(try run([:], "lr", [0.1, .nan]).schedule == nil)
    #expect(try run([:], "lr", [0.1, -0.1]).schedule == nil)
    #expect(try run([:], "lr", []).schedule == nil)
    #expect(try run([:], "loss", [0.1, 0.2]).schedule == nil)
  }

  @Test func `a rate that changes every step has few knots`() throws {
    let rates = (0..<4096).map { Float(4096 - $0) }
    let found = try #require(
      try run(["steps": .int(4096)], "lr", rates, perStep: true).schedule)
    #expect(found.isLinear && found.updates.count == Schedule.knotLimit)
    for update in stride(from: 0, to: 4096, by: 97) {
      #expect(abs(found.rate(at: update) - Double(4096 - update)) < 1e-6)
    }
  }

  @Test func `as many updates as can be counted do not overflow`() throws {
    let endless = try run(["steps": .int(Int.max)], "lr", [3, 2, 1], perStep: true)
    #expect(try endless.schedule?.rate(at: Int.max) == 1)
    #expect(try run(["epochs": .int(Int.max)], "lr", [2, 1]).schedule?.rates == [2, 1])
  }
}
