import Tensors
import Testing

@testable import Operators

/// What a recurrent layer says of its state.
@Suite struct RecurrenceTests {
  private func recurrence(
    _ op: String, _ x: [Int], attributes: [String: AttributeValue] = [:]
  ) throws -> Recurrence? {
    let gates = ["RNN": 1, "LSTM": 4, "GRU": 3][op] ?? 0
    let made = try OperatorRegistry.make(op, attributes, inputs: 3, outputs: 1)
    return made.recurrence(
      try [x, [1, 2 * gates, x[2]], [1, 2 * gates, 2]].map { Operand(try Shape($0)) })
  }

  @Test func `steps lie along axis 0 or 1`() throws {
    let first = try recurrence("GRU", [5, 4, 3])
    #expect(first == Recurrence(steps: 5, stepAxis: 0, hidden: 2, isBounded: true))
    let second = try recurrence("GRU", [5, 4, 3], attributes: ["layout": .int(1)])
    #expect(second == Recurrence(steps: 4, stepAxis: 1, hidden: 2, isBounded: true))
  }

  @Test(arguments: [
    ("RNN", ["Tanh"], true), ("RNN", ["Relu"], false), ("RNN", ["Affine"], false),
    ("LSTM", ["Sigmoid", "Tanh", "Tanh"], true), ("LSTM", ["Sigmoid", "Relu", "Relu"], false),
    ("LSTM", ["Sigmoid", "Relu", "Tanh"], true), ("GRU", ["Sigmoid", "Softplus"], false),
    ("GRU", ["HardSigmoid", "Softsign"], true),
  ])
  func `the functions of the state bound it`(op: String, functions: [String], bounded: Bool) throws
  {
    let attributes: [String: AttributeValue] = ["activations": .strings(functions)]
    #expect(try recurrence(op, [3, 2, 2], attributes: attributes)?.isBounded == bounded)
    // Large inputs and weights show it; the first gate of a GRU, which would keep the state, is shut.
    let gates = ["RNN": 1, "LSTM": 4, "GRU": 3][op] ?? 0
    let made = try OperatorRegistry.make(op, attributes, inputs: 3, outputs: 1)
    let dims = [[3, 2, 2], [1, 2 * gates, 2], [1, 2 * gates, 2]]
    var values = dims.map { [Float](repeating: 30, count: $0.reduce(1, *)) }
    if op == "GRU" { for input in 1...2 { for i in 0..<4 { values[input][i] = -30 } } }
    let node = try Node(made, dims, values)
    #expect((node.values.allSatisfy { abs($0) <= 1 }) == bounded)
  }

  @Test func `other operators carry no state`() throws {
    let op = try OperatorRegistry.make("Relu", [:], inputs: 1, outputs: 1)
    #expect(op.recurrence([Operand(try Shape([2, 2]))]) == nil)
  }
}
