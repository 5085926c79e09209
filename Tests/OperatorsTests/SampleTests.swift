import Tensors
import Testing

@testable import Operators

/// An operator that says that it keeps samples is taken at its word: rows are evaluated apart and in
/// another order.
@Suite struct SampleTests {
  /// The sample under a choice of batched inputs for which the operator says yes.
  struct Claim {
    let example: Case
    let batched: Set<Int>
    let rows: Int

    init?(_ example: Case, _ batched: Set<Int>) throws {
      let lengths = Set(batched.map { example.sample.shapes[$0]?.first ?? -1 })
      guard lengths.count == 1, let rows = lengths.first, rows >= 0 else { return nil }
      guard try example.node(batched: batched).keepsSamples else { return nil }
      self.example = example
      self.batched = batched
      self.rows = rows
    }

    static func all(_ example: Case) throws -> [Claim] {
      let inputs = example.differentiable
      return try (1..<(1 << inputs.count)).compactMap { bits in
        try Claim(example, Set(inputs.filter { bits >> $0 & 1 == 1 }))
      }
    }

    /// The node over some rows, in that order.
    func node(_ order: [Int]) throws -> Node {
      var dims = example.sample.shapes
      var values = example.inputs()
      for input in batched {
        dims[input]?[0] = order.count
        values[input] = Self.pick(order, of: values[input] ?? [], rows)
      }
      return try example.node(values, dims: dims, batched: batched)
    }

    static func pick(_ order: [Int], of values: [Float], _ rows: Int) -> [Float] {
      let width = rows == 0 ? 0 : values.count / rows
      return order.flatMap { values[($0 * width)..<(($0 + 1) * width)] }
    }
  }

  /// Products of another height are summed in another order: equal up to rounding.
  private let tolerance = 2e-6

  @Test(arguments: Case.all)
  func `rows are independent`(example: Case) throws {
    for claim in try Claim.all(example) {
      let whole = try claim.node(Array(0..<claim.rows))
      var numbers = Numbers(9)
      let slopes = numbers.draw(whole.outputs[0].count, from: -1...1)
      let full = try whole.gradients(example.differentiable, slopes)
      let cut = claim.rows / 2
      let orders: [[[Int]]] = [
        [Array((0..<claim.rows).reversed())],
        [Array(0..<cut), Array(cut..<claim.rows)],
        (0..<claim.rows).map { [$0] },
        [[], Array(0..<claim.rows)],
      ]
      for order in orders {
        let rows = order.flatMap { $0 }
        let nodes = try order.map { try claim.node($0) }
        let values = nodes.flatMap { $0.values }
        let expected = Claim.pick(rows, of: whole.values, claim.rows)
        #expect(distance(values, expected) < tolerance, "\(claim.batched) \(order)")

        let pieces = try zip(nodes, order).map { node, part in
          try node.gradients(example.differentiable, Claim.pick(part, of: slopes, claim.rows))
        }
        for input in example.differentiable {
          let found = pieces.map { $0[input] ?? [] }
          let target = full[input] ?? []
          if claim.batched.contains(input) {
            let expected = Claim.pick(rows, of: target, claim.rows)
            #expect(distance(found.flatMap { $0 }, expected) < tolerance, "\(order)")
          } else {
            let sum = target.indices.map { i in found.reduce(0) { $0 + $1[i] } }
            #expect(distance(sum, target) < tolerance, "\(order)")
          }
        }
      }
    }
  }

  /// The other direction: who must say yes or no, or replays become slow or wrong.
  @Test(
    arguments: [
      ("Relu", [:], [[4, 3]], [0], true),
      ("Add", [:], [[4, 3], [3]], [0], true),
      ("Add", [:], [[4, 3], [4, 3]], [0, 1], true),
      ("Add", [:], [[4, 3], [4, 3]], [0], false),
      ("Add", [:], [[4, 1], [4]], [0, 1], false),
      ("Mul", [:], [[4, 3], [1, 3]], [0], true),
      ("Gemm", [:], [[4, 3], [3, 2]], [0], true),
      ("Gemm", ["transA": .int(1)], [[4, 3], [4, 2]], [0], false),
      ("MatMul", [:], [[4, 3], [3, 2]], [0], true),
      ("MatMul", [:], [[4, 5, 3], [3, 2]], [0], true),
      ("MatMul", [:], [[4, 5, 3], [4, 3, 5]], [0, 1], true),
      ("MatMul", [:], [[5, 3], [4, 3, 5]], [1], true),
      ("MatMul", [:], [[4, 3], [3, 4]], [0, 1], false),
      ("MatMul", [:], [[4, 3], [3, 4]], [1], false),
      ("MatMul", [:], [[4], [4, 2]], [0], false),
      ("Softmax", [:], [[4, 3]], [0], true),
      ("Softmax", ["axis": .int(0)], [[4, 3]], [0], false),
      ("LogSoftmax", ["axis": .int(-2)], [[4, 3]], [0], false),
      ("Flatten", [:], [[4, 3, 2]], [0], true),
      ("Flatten", ["axis": .int(2)], [[4, 3, 2]], [0], false),
      ("Flatten", ["axis": .int(0)], [[4, 3, 2]], [0], false),
    ] as [(String, [String: AttributeValue], [[Int]], Set<Int>, Bool)])
  func `who keeps samples`(
    name: String, attributes: [String: AttributeValue], dims: [[Int]], batched: Set<Int>,
    keeps: Bool
  ) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1)
    let operands = try dims.enumerated().map {
      Optional(Operand(try Shape($1), batched: batched.contains($0)))
    }
    #expect(op.keepsSamples(operands, try op.outputShapes(operands)) == keeps)
  }

  @Test(arguments: [
    ([0, -1], true), ([-1, 6], true), ([4, 6], true), ([4, -1], false), ([8, 3], false),
    ([-1], false), ([9, 6], true),
  ])
  func `a Reshape keeps samples under every batch size`(shape: [Int], keeps: Bool) throws {
    let op = try OperatorRegistry.make("Reshape", [:], inputs: 2, outputs: 1)
    let wanted = Operand(
      try Shape([shape.count]), batched: false, constant: shape.map(Double.init))
    let operands = [Operand(try Shape([4, 3, 2])), wanted]
    #expect(op.keepsSamples(operands, try op.outputShapes(operands)) == keeps)
    guard keeps else { return }
    for rows in [0, 1, 7] {
      #expect(
        try op.outputShapes([Operand(Shape([rows, 3, 2])), wanted]) == [Shape([rows, 6])])
    }
  }
}
