import Testing

@testable import Replay
@testable import Runs

@Suite struct LoopSettingsTests {
  private func run(_ training: [String: JSONValue]) throws -> Run {
    var net = RunBuilder()
    net.input([[1], [2]])
    net.parameter("w", shape: [1, 1], [1], registered: false)
    net.layer("Gemm", "fc", operands: ["w"])
    net.loss("mse", shape: [2, 1], [1, 2])
    net.training = training
    return try net.run()
  }

  private func scheduled(_ schedule: JSONValue) -> [String: JSONValue] {
    [
      "optimizer": .object([
        "kind": .string("sgd"), "learning_rate": .number(0.1), "schedule": schedule,
      ])
    ]
  }

  @Test func `schedule, clip and accumulation are read`() throws {
    var training = scheduled(
      .object([
        "updates": .ints([0, 4]), "rates": .array([.int(1), .number(0.5)]),
        "interpolation": .string("linear"),
      ]))
    training["clip"] = .object(["parameter_norm": .int(2)])
    training["accumulation"] = .int(4)
    let read = try run(training)
    #expect(read.training.optimizer?.schedule?.rate(at: 2) == 0.75)
    #expect(read.training.clip == .parameterNorm(2))
    #expect(read.training.clip?.bound == 2)
    #expect(read.training.accumulation == 4)
    #expect(read.graph.parameters.map(\.isRegistered) == [false])
    let plain = try run(scheduled(.object(["updates": .ints([0]), "rates": .ints([1])])))
    #expect(plain.training.optimizer?.schedule?.isLinear == false)
    #expect(plain.training.clip == nil && plain.training.accumulation == nil)
  }

  @Test(arguments: [("norm", GradientClip.norm(0.5)), ("value", .value(0.5))])
  func `a clip is of one kind`(key: String, clip: GradientClip) throws {
    #expect(try run(["clip": .object([key: .number(0.5)])]).training.clip == clip)
  }

  private func message(_ training: [String: JSONValue]) -> String {
    do { _ = try run(training) } catch { return "\(error)" }
    return "nothing"
  }

  @Test(
    arguments: [
      (.ints([0, 2, 2]), .ints([1, 1, 1]), "updates[2] is 2: expected more than the 2 before it"),
      (.ints([1, 2]), .ints([1, 1]), "updates[0] is 1: expected 0"),
      (.ints([0, -2]), .ints([1, 1]), "updates[1] is -2: expected a whole number ≥ 0"),
      (.numbers([0.5]), .ints([1]), "updates[0] is 0.5: expected a whole number ≥ 0"),
      (.ints([0, 2]), .ints([1]), "rates is a list of 1: expected one rate for each of the 2"),
      (.ints([0]), .null, "rates is a list of 0: expected one rate for each of the 1"),
      (.ints([]), .ints([]), "updates is a list of 0: expected 1 to 512 updates"),
      (.null, .ints([1]), "updates is a list of 0: expected 1 to 512 updates"),
      (.int(0), .ints([1]), "updates is 0: expected a list"),
      (.ints(0...512), .ints(0...512), "updates is a list of 513: expected 1 to 512 updates"),
      (.ints([0]), .array([.string("nan")]), "rates[0] is \"nan\": expected a finite number ≥ 0"),
      (.ints([0]), .numbers([-0.1]), "rates[0] is -0.1: expected a finite number ≥ 0"),
    ] as [(JSONValue, JSONValue, String)])
  func `a damaged schedule is named`(updates: JSONValue, rates: JSONValue, expected: String) {
    let found = message(scheduled(.object(["updates": updates, "rates": rates])))
    #expect(found.contains("training.optimizer.schedule.\(expected)"), "\(found)")
  }

  @Test(
    arguments: [
      (.string("cosine"), "schedule is \"cosine\": expected an object"),
      (.object(["steps": .ints([0])]), "unknown key \"training.optimizer.schedule.steps\""),
      (
        .object([
          "updates": .ints([0]), "rates": .ints([1]), "interpolation": .string("cubic"),
        ]),
        "schedule.interpolation is \"cubic\": expected \"constant\" or \"linear\""
      ),
    ] as [(JSONValue, String)])
  func `what is no schedule is named`(schedule: JSONValue, expected: String) {
    let found = message(scheduled(schedule))
    #expect(found.contains(expected), "\(found)")
  }

  @Test(
    arguments: [
      ("clip", .object([:]), "training.clip is empty: expected one of norm, parameter_norm, value"),
      (
        "clip", .object(["norm": .int(1), "value": .int(1)]),
        "training.clip is norm and value: expected one of norm, parameter_norm, value"
      ),
      ("clip", .int(1), "training.clip is 1: expected an object"),
      ("clip", .object(["max": .int(1)]), "unknown key \"training.clip.max\""),
      ("clip", .object(["norm": .int(-1)]), "training.clip.norm is -1: expected a finite number"),
      ("clip", .object(["value": .string("inf")]), "training.clip.value is \"inf\": expected a"),
      ("accumulation", .int(0), "training.accumulation is 0: expected a whole number ≥ 1"),
      ("accumulation", .number(1.5), "training.accumulation is 1.5: expected a whole number ≥ 1"),
    ] as [(String, JSONValue, String)])
  func `a damaged clip or accumulation is named`(
    key: String, value: JSONValue, expected: String
  ) {
    let found = message([key: value])
    #expect(found.contains(expected), "\(found)")
  }
}
