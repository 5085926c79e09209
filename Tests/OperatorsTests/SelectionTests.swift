import Tensors
import Testing

@testable import Operators

/// The operators that move, select and count elements.
@Suite struct SelectionTests {
  private static func count(_ dims: [Int]) -> [Float] { (0..<dims.reduce(1, *)).map(Float.init) }

  /// What Python's `list(range(6))[start:end:step]` gives.
  @Test(
    arguments: [
      (0, 6, 1, [0, 1, 2, 3, 4, 5]), (1, -1, 2, [1, 3]), (-3, Int.max, 1, [3, 4, 5]),
      (-1, Int.min, -1, [5, 4, 3, 2, 1, 0]), (4, 0, -3, [4, 1]), (100, -100, -4, [5, 1]),
      (3, 3, 1, []), (5, 2, 1, []), (0, -1, -1, []), (-100, 2, 1, [0, 1]),
      (2, Int.max, Int.max, [2]), (5, Int.min, Int.min, [5]),
    ] as [(Int, Int, Int, [Float])])
  func `Slice cuts as Python does`(start: Int, end: Int, step: Int, expected: [Float]) throws {
    let op = try OperatorRegistry.make("Slice", [:], inputs: 5, outputs: 1)
    func list(_ value: Int) throws -> Operand {
      Operand(try Shape([1]), batched: false, constant: [Double(value)])
    }
    let values = (0..<6).map(Double.init)
    let operands = [
      Operand(try Shape([6]), batched: false, constant: values), try list(start), try list(end),
      try list(0), try list(step),
    ]
    #expect(try op.outputShapes(operands) == [Shape([expected.count])])
    #expect(op.constant(operands) == expected.map(Double.init))
  }

  @Test func `a transposition by hand, and of every tile`() throws {
    let node = try WholeNode(
      "Transpose", ["perm": .ints([1, 0])], [[2, 3]], [[1, 2, 3, 4, 5, 6]], outputs: 1)
    #expect(node.values[0] == [1, 4, 2, 5, 3, 6])
    for (rows, columns) in [(1, 1), (16, 16), (17, 15), (40, 33)] {
      let x = Self.count([rows, columns])
      let transposed = try WholeNode("Transpose", [:], [[rows, columns]], [x], outputs: 1)
      #expect(
        transposed.values[0]
          == (0..<(rows * columns)).map { x[$0 % rows * columns + $0 / rows] })
      #expect(try transposed.gradients(transposed.values)[0] == x)
    }
  }

  @Test(arguments: [(0, [2, 3]), (1, [3, 0]), (2, [1, 1, 2])])
  func `Split undoes Concat`(axis: Int, lengths: [Int]) throws {
    let pieces = lengths.enumerated().map { index, length in
      var dims = [2, 3, 2]
      dims[axis] = length
      return (dims, Self.count(dims).map { $0 + Float(100 * index) })
    }
    let attributes = ["axis": AttributeValue.int(axis)]
    let whole = try WholeNode(
      "Concat", attributes, pieces.map(\.0), pieces.map(\.1), outputs: 1)
    let split = try WholeNode(
      "Split", attributes, [whole.outputs[0].shape.dims, [lengths.count]],
      [whole.values[0], lengths.map(Float.init)], constants: [1], outputs: lengths.count)
    #expect(split.values == pieces.map(\.1))
    #expect(try whole.gradients(whole.values) == pieces.map(\.1))
    #expect(try split.gradients(split.values)[0] == whole.values[0])
  }

  @Test(arguments: [
    (5, 2, [3, 2]), (6, 3, [2, 2, 2]), (4, 3, [2, 2, 0]), (5, 4, nil), (1, 3, nil),
  ])
  func `pieces are even but for the last`(length: Int, parts: Int, expected: [Int]?) throws {
    let op = try OperatorRegistry.make(
      "Split", ["num_outputs": .int(parts)], inputs: 1, outputs: parts)
    let operand = Operand(try Shape([length]))
    if let expected {
      #expect(try op.outputShapes([operand]).map { $0[0] } == expected)
    } else {
      #expect(throws: OperatorError.self) { try op.outputShapes([operand]) }
    }
  }

  @Test func `a word outside the vocabulary is named`() throws {
    func embed(_ words: [Float]) throws -> WholeNode {
      try WholeNode(
        "Gather", [:], [[5, 2], [2, 2]], [Self.count([5, 2]), words], batched: [1], outputs: 1)
    }
    #expect(try embed([0, 4, -1, -5]).values[0] == [0, 1, 8, 9, 8, 9, 0, 1])
    for (word, text) in [(Float(5), "5"), (-6, "-6"), (0.5, "0.5"), (.nan, "nan")] {
      let error = OperatorError.index(
        sample: 1, found: text, expected: "a whole number from -5 to 4")
      #expect(throws: error) { try embed([0, 4, word, 0]) }
      #expect(error.description.hasPrefix("an index of sample 1 is \(text): expected"))
    }
  }

  @Test func `words that occur twice add their gradients`() throws {
    let node = try WholeNode(
      "Gather", [:], [[3, 2], [3]], [Self.count([3, 2]), [2, 0, 2]], outputs: 1)
    #expect(try node.gradients([[1, 2, 3, 4, 5, 6]])[0] == [3, 4, 0, 0, 6, 8])
  }

  @Test func `classes and counts`() throws {
    let hot = try WholeNode(
      "OneHot", [:], [[3], [], [2]], [[1, -1, 9], [3], [0, 5]], constants: [1], outputs: 1)
    #expect(hot.values[0] == [0, 5, 0, 0, 0, 5, 0, 0, 0])
    #expect(try hot.gradients([[1, 2, 3, 4, 5, 6, 7, 8, 9]])[2] == [37, 8])
    let best = try WholeNode(
      "ArgMax", ["axis": .int(1)], [[2, 4]], [[1, 7, 7, 0, -3, -4, -3, -9]], outputs: 1)
    #expect(best.values[0] == [1, 0])
    let last = try WholeNode(
      "ArgMax", ["axis": .int(1), "select_last_index": .int(1)], [[2, 4]],
      [[1, 7, 7, 0, -3, -4, -3, -9]], outputs: 1)
    #expect(last.values[0] == [2, 2])
    let range = try WholeNode(
      "Range", [:], [[], [], []], [[10], [4], [-2]], constants: [0, 1, 2], outputs: 1)
    #expect(range.values[0] == [10, 8, 6])
  }

  @Test(arguments: [(0.0, 1.0, 0.0), (0, .infinity, 1), (0, 1e9, 1), (.nan, 1, 1)])
  func `ranges without an end are refused`(start: Double, limit: Double, delta: Double) throws {
    let op = try OperatorRegistry.make("Range", [:], inputs: 3, outputs: 1)
    let operands = [start, limit, delta].map {
      Optional(Operand(.scalar, batched: false, constant: [$0]))
    }
    #expect(throws: OperatorError.self) { try op.outputShapes(operands) }
  }

  @Test func `equal extremes share a gradient`() throws {
    for (name, expected) in [("ReduceMax", [0, 3, 3, 0]), ("ReduceMin", [2, 0, 0, 4])]
      as [(String, [Float])]
    {
      let values: [Float] = name == "ReduceMax" ? [1, 5, 5, -2] : [-2, 1, 3, -2]
      let node = try WholeNode(name, [:], [[4]], [values], outputs: 1)
      let slope: Float = 6
      let found = try node.gradients([[slope]])[0]
      #expect(found == (name == "ReduceMax" ? expected : [3, 0, 0, 3]))
    }
  }

  @Test func `products with zeros have slopes`() throws {
    for (values, expected) in [
      ([2, 3, 4], [12, 8, 6]), ([2, 0, 4], [0, 8, 0]), ([0, 0, 4], [0, 0, 0]),
    ] as [([Float], [Float])] {
      let node = try WholeNode("ReduceProd", [:], [[3]], [values], outputs: 1)
      #expect(try node.gradients([[1]])[0] == expected)
    }
  }

  @Test(
    arguments: [
      ("ReduceSum", 0), ("ReduceProd", 1), ("ReduceMax", -.infinity), ("ReduceMin", .infinity),
      ("ReduceLogSumExp", -.infinity), ("ReduceL2", 0),
    ] as [(String, Float)])
  func `no elements have a value`(name: String, expected: Float) throws {
    let node = try WholeNode(
      name, ["axes": .ints([1]), "keepdims": .int(0)], [[2, 0]], [[]], outputs: 1)
    #expect(node.values[0] == [expected, expected])
  }

  @Test(
    arguments: [
      ("ReduceMax", [1, .nan, 3], .nan), ("ReduceMin", [1, .nan, 3], .nan),
      ("ReduceL2", [3e30, 4e30], 5e30), ("ReduceL2", [3e-30, 4e-30], 5e-30),
      ("ReduceLogSumExp", [1000, 1000], 1000.6931),
      ("ReduceLogSumExp", [-1000, -.infinity], -1000),
    ] as [(String, [Float], Float)])
  func `extreme elements`(name: String, values: [Float], expected: Float) throws {
    let found = try WholeNode(name, [:], [[values.count]], [values], outputs: 1).values[0][0]
    #expect(found.isNaN ? expected.isNaN : abs(found - expected) <= 1e-6 * abs(expected))
  }

  @Test(arguments: [
    "ij,jk->il", "ij->ii", "i.j->i", "i-j", "ij,jk,kl->il", "1->", "i....->i", "->i",
  ])
  func `equations that are none`(equation: String) throws {
    let operands = try equation.split(separator: ",").map { _ in
      Optional(Operand(try Shape([3, 3])))
    }
    #expect(throws: OperatorError.self) {
      try OperatorRegistry.make(
        "Einsum", ["equation": .string(equation)], inputs: min(2, max(1, operands.count)),
        outputs: 1
      ).outputShapes(operands)
    }
  }

  /// Shapes are known before any data, and so is what is made of them.
  @Test func `constants go through`() throws {
    func constant(
      _ name: String, _ attributes: [String: AttributeValue], _ inputs: [([Int], [Double]?)]
    ) throws -> [Double]? {
      let op = try OperatorRegistry.make(name, attributes, inputs: inputs.count, outputs: 1)
      return op.constant(
        try inputs.map { Operand(try Shape($0.0), batched: $0.1 == nil, constant: $0.1) })
    }
    #expect(try constant("Shape", [:], [([4, 5], nil)]) == [4, 5])
    #expect(try constant("Shape", ["start": .int(-1)], [([4, 5], nil)]) == [5])
    #expect(try constant("Size", [:], [([4, 5], nil)]) == [20])
    #expect(try constant("Gather", [:], [([2], [4, 5]), ([], [-1])]) == [5])
    #expect(
      try constant("Concat", ["axis": .int(1)], [([2, 1], [1, 2]), ([2, 2], [3, 4, 5, 6])])
        == [1, 3, 4, 2, 5, 6])
    #expect(try constant("Concat", ["axis": .int(0)], [([2], [1, 2]), ([1], nil)]) == nil)
    #expect(try constant("Transpose", [:], [([2, 2], [1, 2, 3, 4])]) == [1, 3, 2, 4])
    #expect(try constant("Unsqueeze", [:], [([], [7]), ([1], [0])]) == [7])
    #expect(try constant("Squeeze", [:], [([1, 1], [7])]) == [7])
    #expect(try constant("Expand", [:], [([2, 1], [1, 2]), ([2], [1, 2])]) == [1, 1, 2, 2])
    #expect(try constant("Tile", [:], [([2], [1, 2]), ([1], [2])]) == [1, 2, 1, 2])
    #expect(
      try constant("ConstantOfShape", ["value": .floats([3])], [([1], [2])]) == [3, 3])
    #expect(try constant("Range", [:], [([], [0]), ([], [3]), ([], [1])]) == [0, 1, 2])
  }

  @Test(
    arguments: [
      ("Transpose", ["perm": .ints([0, 2, 1])], [[4, 3, 2]], [:], true),
      ("Transpose", [:], [[4, 3, 2]], [:], false),
      ("Slice", [:], [[4, 3], [1], [1]], [1: [0], 2: [0x1p63]], true),
      ("Slice", [:], [[4, 3], [1], [1]], [1: [0], 2: [4]], false),
      ("Slice", [:], [[4, 3], [1], [1], [1]], [1: [1], 2: [2], 3: [1]], true),
      ("Concat", ["axis": .int(1)], [[4, 3]], [:], true),
      ("Concat", ["axis": .int(0)], [[4, 3]], [:], false),
      ("Concat", ["axis": .int(1)], [[4, 3], [4, 1]], [:], false),
      ("Split", ["axis": .int(1), "num_outputs": .int(1)], [[4, 3]], [:], true),
      ("Split", ["num_outputs": .int(2)], [[4, 3]], [:], false),
      ("Gather", ["axis": .int(1)], [[4, 3], [2]], [1: [0, 1]], true),
      ("Gather", [:], [[4, 3], [4]], [1: [0, 1, 2, 3]], false),
      ("Squeeze", [:], [[1, 1]], [:], true),
      ("Squeeze", ["axes": .ints([0])], [[1, 1]], [:], false),
      ("Unsqueeze", ["axes": .ints([1])], [[4]], [:], true),
      ("Unsqueeze", ["axes": .ints([0])], [[4]], [:], false),
      ("Expand", [:], [[4, 1], [2]], [1: [1, 3]], true),
      ("Expand", [:], [[4, 1], [2]], [1: [4, 3]], false),
      ("Expand", [:], [[4, 1], [3]], [1: [2, 1, 1]], false),
      ("Tile", [:], [[4, 2], [2]], [1: [1, 3]], true),
      ("Tile", [:], [[4, 2], [2]], [1: [2, 1]], false),
      ("CumSum", [:], [[4, 2], []], [1: [1]], true),
      ("CumSum", [:], [[4, 2], []], [1: [-2]], false),
      ("Trilu", [:], [[4, 2, 2]], [:], true), ("Trilu", [:], [[4, 2]], [:], false),
      ("ArgMax", ["axis": .int(-1)], [[4, 2]], [:], true), ("ArgMax", [:], [[4, 2]], [:], false),
      ("ReduceSum", [:], [[4, 2], [1]], [1: [1]], true), ("ReduceSum", [:], [[4, 2]], [:], false),
      ("ReduceMax", ["axes": .ints([-2])], [[4, 2]], [:], false),
      ("Shape", [:], [[4, 2]], [:], false),
      ("Einsum", ["equation": .string("bij->bji")], [[4, 2, 2]], [:], true),
      ("Einsum", ["equation": .string("bi->ib")], [[4, 2]], [:], false),
      ("Einsum", ["equation": .string("bi,ij->bj")], [[4, 2], [2, 3]], [:], true),
      ("Einsum", ["equation": .string("bi,bj->bij")], [[4, 2], [4, 3]], [:], false),
      ("Einsum", ["equation": .string("bb->b")], [[4, 4]], [:], false),
    ] as [(String, [String: AttributeValue], [[Int]], [Int: [Double]], Bool)])
  func `who keeps samples`(
    name: String, attributes: [String: AttributeValue], dims: [[Int]], constants: [Int: [Double]],
    keeps: Bool
  ) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1)
    let operands = try dims.enumerated().map {
      Optional(Operand(try Shape($1), batched: $0 == 0, constant: constants[$0]))
    }
    #expect(op.keepsSamples(operands, try op.outputShapes(operands)) == keeps)
  }

  @Test(
    arguments: [
      ("Transpose", ["perm": .ints([0, 2, 1])], [[4, 3, 2]], [:], 1, 2),
      ("Squeeze", ["axes": .ints([1])], [[4, 1, 2]], [:], 2, 1),
      ("Unsqueeze", ["axes": .ints([1])], [[4, 2]], [:], 1, 2),
      ("ReduceMean", ["axes": .ints([1]), "keepdims": .int(0)], [[4, 3, 2]], [:], 2, 1),
      ("ReduceMean", ["axes": .ints([2, 3])], [[4, 3, 2, 2]], [:], 1, 1),
      ("Gather", ["axis": .int(1)], [[4, 3, 2], []], [1: [0]], 2, 1),
      ("Gather", [:], [[5, 6], [4, 3]], [:], nil, 2),
      ("Einsum", ["equation": .string("bti,ijk->btjk")], [[4, 3, 2], [2, 5, 6]], [:], 2, 3),
      ("Concat", ["axis": .int(1)], [[4, 3]], [:], 1, 1),
    ] as [(String, [String: AttributeValue], [[Int]], [Int: [Double]], Int?, Int)])
  func `units keep their axis`(
    name: String, attributes: [String: AttributeValue], dims: [[Int]], constants: [Int: [Double]],
    axis: Int?, expected: Int
  ) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1)
    let operands = try dims.enumerated().map {
      Optional(Operand(try Shape($1), batched: $0 == 0, constant: constants[$0]))
    }
    let axes = dims.indices.map { $0 == 0 ? axis : nil }
    #expect(op.unitAxis(operands, axes, try op.outputShapes(operands)[0]) == expected)
  }
}
