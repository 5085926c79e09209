import Tensors
import Testing

@testable import Operators

/// Two query heads over one head of keys and values, 3 queries, 3 keys, head size 2. All values are
/// sine waves; the expected ones come from loops over the definition in float64.
@Suite struct AttentionTests {
  private static let inputs = [(12, 0.1), (6, 0.2), (6, 0.3)].map {
    RecurrentExample.wave($0.0, $0.1, 2)
  }
  private static let dims: [[Int]?] = [[1, 2, 3, 2], [1, 1, 3, 2], [1, 1, 3, 2]]
  private static let plain: [Float] = [
    0.880251, 1.58343, -1.02967, -1.50346, 1.05092, 1.45609, -1.00949, -1.4656, 1.18621, 1.31911,
    -0.793027, -1.08067,
  ]

  private func run(
    _ attributes: [String: AttributeValue], mask: [Float]? = nil
  ) throws -> [Float] {
    try WholeNode(
      "Attention", attributes, Self.dims + (mask == nil ? [] : [[3, 3]]),
      Self.inputs + (mask == nil ? [] : [mask]), outputs: 1
    ).values[0]
  }

  @Test func `heads look at keys`() throws {
    #expect(distance(try run([:]), Self.plain) < 1e-5)
    #expect(distance(try run(["scale": .float(0.5.squareRoot())]), Self.plain) < 1e-5)
  }

  @Test func `no query looks ahead, and scores are bounded`() throws {
    let found = try run(["is_causal": .int(1), "softcap": .float(1.5), "scale": .float(0.9)])
    let expected: [Float] = [
      0.59104, 1.81859, -0.975238, -1.37345, 0.971731, 1.41065, 0.59104, 1.81859, 0.475473,
      1.58307, -0.723503, -1.00711,
    ]
    #expect(distance(found, expected) < 1e-5)
  }

  @Test func `a query that may look nowhere gets zeros`() throws {
    let hidden = -Float.infinity
    let found = try run([:], mask: [0, hidden, 1, hidden, hidden, hidden, 0.5, 0, 0])
    let expected: [Float] = [
      1.09937, 1.43818, 0, 0, 0.945596, 1.53911, 1.11727, 1.42478, 0, 0, -0.69933, -0.884396,
    ]
    #expect(distance(found, expected) < 1e-5)
    let node = try WholeNode(
      "Attention", [:], Self.dims + [[3, 3]],
      Self.inputs + [[0, hidden, 1, hidden, hidden, hidden, 0.5, 0, 0]], outputs: 1)
    let gradients = try node.gradients([RecurrentExample.wave(12, 1)])
    #expect(gradients.allSatisfy { $0?.allSatisfy(\.isFinite) == true })
    #expect(gradients[3]?[3..<6].allSatisfy { $0 == 0 } == true)
  }

  /// Heads side by side in three axes are the heads of four.
  @Test func `heads may share rows`() throws {
    func merged(_ values: [Float], _ heads: Int) -> [Float] {
      var rows: [Float] = []
      for row in 0..<3 {
        for head in 0..<heads {
          let start = (head * 3 + row) * 2
          rows += values[start..<(start + 2)]
        }
      }
      return rows
    }
    let values = [merged(Self.inputs[0], 2), Self.inputs[1], Self.inputs[2]]
    let node = try WholeNode(
      "Attention", ["q_num_heads": .int(2), "kv_num_heads": .int(1)],
      [[1, 3, 4], [1, 3, 2], [1, 3, 2]], values, outputs: 1)
    #expect(distance(node.values[0], merged(Self.plain, 2)) < 1e-5)
  }

  @Test(
    arguments: [
      ([:], [[1, 3, 4], [1, 3, 2], [1, 3, 2]]),
      (["q_num_heads": .int(3), "kv_num_heads": .int(1)], [[1, 3, 4], [1, 3, 2], [1, 3, 2]]),
      (["q_num_heads": .int(0)], [[1, 3, 4], [1, 3, 2], [1, 3, 2]]),
      ([:], [[1, 3, 3, 2], [1, 2, 3, 2], [1, 2, 3, 2]]),
      ([:], [[1, 2, 3, 2], [1, 1, 3, 3], [1, 1, 3, 2]]),
      ([:], [[1, 2, 3, 2], [1, 1, 4, 2], [1, 1, 3, 2]]),
      ([:], [[2, 2, 3, 2], [1, 1, 3, 2], [1, 1, 3, 2]]),
      ([:], [[1, 2, 3, 2], [1, 1, 3, 2], [1, 1, 3, 2], [3, 4]]),
      (["softcap": .float(-1)], [[1, 2, 3, 2], [1, 1, 3, 2], [1, 1, 3, 2]]),
    ] as [([String: AttributeValue], [[Int]])])
  func `heads that do not fit are refused`(
    attributes: [String: AttributeValue], dims: [[Int]]
  ) throws {
    let operands = try dims.map { Optional(Operand(try Shape($0))) }
    #expect(throws: OperatorError.self) {
      try OperatorRegistry.make("Attention", attributes, inputs: dims.count, outputs: 1)
        .outputShapes(operands)
    }
  }

  @Test func `a cache is refused by name`() throws {
    let operand = Operand(try Shape([1, 1, 3, 2]))
    let op = try OperatorRegistry.make("Attention", [:], inputs: 5, outputs: 1)
    let error = OperatorError.shapes(
      found: "an input past_key", expected: "none, as a replay has no cache of past steps")
    #expect(throws: error) { try op.outputShapes([operand, operand, operand, nil, operand]) }
  }
}
