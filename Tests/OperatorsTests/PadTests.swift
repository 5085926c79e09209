import Tensors
import Testing

@testable import Operators

@Suite struct PadTests {
  private static func pad(
    _ mode: String, _ pads: [Int], of x: [Float], _ dims: [Int], value: Float? = nil
  ) throws -> Node {
    try Node(
      OperatorRegistry.make("Pad", ["mode": .string(mode)], inputs: 3, outputs: 1),
      [dims, [pads.count], value == nil ? nil : []],
      [x, pads.map { Float($0) }, value.map { [$0] }],
      [1: pads.map(Double.init)])
  }

  /// The row 1 2 3 4 and what each mode makes of it.
  @Test(
    arguments: [
      ("constant", [2, 1], [0, 0, 1, 2, 3, 4, 0]), ("constant", [-1, 2], [2, 3, 4, 0, 0]),
      ("constant", [-4, 1], [0]), ("constant", [-2, -2], []),
      ("edge", [2, 1], [1, 1, 1, 2, 3, 4, 4]), ("edge", [2, -2], [1, 1, 1, 2]),
      ("reflect", [2, 3], [3, 2, 1, 2, 3, 4, 3, 2, 1]),
      ("reflect", [7, 0], [2, 1, 2, 3, 4, 3, 2, 1, 2, 3, 4]),
      ("wrap", [3, 2], [2, 3, 4, 1, 2, 3, 4, 1, 2]),
      ("wrap", [-1, 4], [2, 3, 4, 2, 3, 4, 2]),
    ] as [(String, [Int], [Float])])
  func `one row`(mode: String, pads: [Int], expected: [Float]) throws {
    #expect(try Self.pad(mode, pads, of: [1, 2, 3, 4], [4]).values == expected)
    // The same as columns, where each element is a row of two.
    let columns = try Self.pad(
      mode, [pads[0], 0, pads[1], 0], of: [1, -1, 2, -2, 3, -3, 4, -4], [4, 2])
    #expect(columns.values == expected.flatMap { [$0, -$0] })
  }

  @Test func `gradients gather what was repeated`() throws {
    let edge = try Self.pad("edge", [2, 1], of: [1, 2, 3, 4], [4])
    #expect(try edge.gradients([0], [1, 2, 3, 4, 5, 6, 7])[0] == [6, 4, 5, 13])
    let constant = try Self.pad("constant", [0, 1, 1, 0], of: [1, 2], [1, 2], value: 9)
    #expect(constant.values == [9, 1, 2, 9, 9, 9])
    let gradients = try constant.gradients([0, 1, 2], [1, 2, 3, 4, 5, 6])
    #expect(gradients == [[2, 3], [0, 0, 0, 0], [16]])
  }

  @Test func `a padded batch keeps no samples`() throws {
    #expect(try Self.pad("constant", [0, 1, 0, 1], of: [1, 2], [1, 2]).keepsSamples)
    #expect(try !Self.pad("constant", [1, 0, 0, 0], of: [1, 2], [1, 2]).keepsSamples)
    #expect(try !Self.pad("wrap", [-1, 0, 1, 0], of: [1, 2, 3, 4], [2, 2]).keepsSamples)
  }

  @Test func `constants are folded`() throws {
    let op = try OperatorRegistry.make("Pad", [:], inputs: 3, outputs: 1)
    let pads = Operand(try Shape([2]), batched: false, constant: [1, -1])
    let x = Operand(try Shape([3]), batched: false, constant: [5, 6, 7])
    #expect(op.constant([x, pads, nil]) == [0, 5, 6])
    #expect(
      op.constant([x, pads, Operand(.scalar, batched: false, constant: [-1])]) == [-1, 5, 6])
    #expect(op.constant([x, pads, Operand(.scalar, batched: false)]) == nil)
    let endless = Operand(try Shape([2]), batched: false, constant: [1_099_511_627_776, 0])
    #expect(op.constant([x, endless, nil]) == nil)
  }

  @Test(
    arguments: [
      ("constant", [-3, -2], [4], nil), ("reflect", [1, 1], [0], nil), ("wrap", [-4, 1], [4], nil),
      ("constant", [1], [4], nil), ("constant", [1, 1], [2, 2], nil),
      ("constant", [1e18, 1e18], [4], nil), ("constant", [-1e300, 0], [4], nil),
      ("constant", [1, 1], [2, 2], [2]), ("constant", [1, 1, 1, 1], [2, 2], [0, -2]),
    ] as [(String, [Double], [Int], [Double]?)])
  func `pads that do not fit are refused`(
    mode: String, pads: [Double], dims: [Int], axes: [Double]?
  ) throws {
    let op = try OperatorRegistry.make("Pad", ["mode": .string(mode)], inputs: 4, outputs: 1)
    let operands = [
      Operand(try Shape(dims)), Operand(try Shape([pads.count]), constant: pads), nil,
      try axes.map { Operand(try Shape([$0.count]), constant: $0) },
    ]
    #expect(throws: OperatorError.self) { try op.outputShapes(operands) }
  }

  @Test func `pads must be known`() throws {
    let op = try OperatorRegistry.make("Pad", [:], inputs: 2, outputs: 1)
    #expect(throws: OperatorError.notConstant("the padding of a Pad")) {
      try op.outputShapes([Operand(try Shape([4])), Operand(try Shape([2]))])
    }
  }
}
