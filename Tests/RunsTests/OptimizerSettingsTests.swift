import Operators
import Testing

@testable import Replay
@testable import Runs

@Suite struct OptimizerSettingsTests {
  private func settings(_ optimizer: [String: JSONValue]) throws -> OptimizerSettings {
    var net = RunBuilder()
    net.input([[1], [2]])
    net.dense("fc", [[1]], bias: [0])
    net.loss("mse", shape: [2, 1], [1, 2])
    net.training["optimizer"] = .object(optimizer)
    return try #require(try net.run().training.optimizer)
  }

  @Test func `a group's settings hold for its parameters`() throws {
    let adam = try settings([
      "kind": .string("adam"), "learning_rate": .number(0.1), "betas": .numbers([0.5, 0.75]),
      "groups": .array([
        .object([
          "parameters": .strings(["fc.bias"]), "learning_rate": .int(0),
          "betas": .numbers([0.25, 0.5]), "amsgrad": .bool(true),
        ])
      ]),
    ])
    #expect(
      adam.numbers(for: "fc.weight") == ["learning_rate": 0.1, "beta1": 0.5, "beta2": 0.75])
    #expect(
      adam.numbers(for: "fc.bias") == [
        "learning_rate": 0, "beta1": 0.25, "beta2": 0.5, "amsgrad": 1,
      ])
    #expect(try adam.optimizer(for: "fc.weight").effectiveStep == 0.1)
    #expect(try adam.optimizer(for: "fc.bias").effectiveStep == 0)
    #expect(try adam.optimizer(for: "fc.bias").makeState(count: 2).values.count == 6)
  }

  @Test(
    arguments: [
      ["kind": .string("adam"), "learning_rate": .number(0.1), "momentum": .number(0.9)],
      ["kind": .string("sgd"), "learning_rate": .number(-0.1)],
      ["kind": .string("sgd")],
      [
        "kind": .string("sgd"), "learning_rate": .number(0.1), "nesterov": .bool(true),
        "momentum": .number(0.9), "dampening": .number(0.5),
      ],
      [
        "kind": .string("rmsprop"), "learning_rate": .number(0.1),
        "groups": .array([
          .object(["parameters": .strings(["fc.bias"]), "amsgrad": .bool(true)])
        ]),
      ],
    ] as [[String: JSONValue]])
  func `what the kind does not have is an error`(optimizer: [String: JSONValue]) {
    #expect(throws: RunError.self) { try settings(optimizer) }
  }
}
