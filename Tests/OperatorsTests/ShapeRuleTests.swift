import Tensors
import Testing

@testable import Operators

@Suite struct ShapeRuleTests {
  /// Any shapes at all: the rule refuses them with its own error, or both directions run over them
  /// and leave nothing unwritten.
  @Test(arguments: OperatorRegistry.all.indices)
  func `any shapes are refused or replayed`(index: Int) throws {
    let info = OperatorRegistry.all[index].info
    var numbers = Numbers(index)
    var accepted = 0
    for sample in info.samples {
      for round in 0..<150 {
        // The sample's own come first, and half of the rest are its own but for one axis.
        let near = round == 0 || Bool.random(using: &numbers)
        var dims = sample.shapes.map { own in
          near
            ? own
            : (0..<Int.random(in: 0...3, using: &numbers)).map { _ in
              Int.random(in: 0...3, using: &numbers)
            }
        }
        if near, round > 0, let input = dims.indices.randomElement(using: &numbers),
          let axis = dims[input]?.indices.randomElement(using: &numbers)
        {
          dims[input]?[axis] = Int.random(in: 0...3, using: &numbers)
        }
        let values = dims.map { $0.map { numbers.draw($0.reduce(1, *), from: sample.range) } }
        let op = try OperatorRegistry.make(
          info.name, sample.attributes, inputs: dims.count, outputs: 1)
        do {
          let node = try Node(op, dims, values, sample.constants, batched: [0])
          accepted += 1
          _ = node.keepsSamples
          _ = op.roles(node.operands)
          _ = op.constant(node.operands)
          let axis = op.unitAxis(node.operands, dims.map { _ in nil }, node.outputs[0].shape)
          if let axis { #expect((0..<node.outputs[0].shape.rank).contains(axis)) }
          // The largest of no elements is −∞; NaN is what nobody wrote.
          let unwritten = node.values.contains { $0.isNaN }
          #expect(!unwritten, "\(info.name) \(dims)")
          let slopes = numbers.draw(node.outputs[0].count, from: -1...1)
          let given = dims.indices.filter { dims[$0] != nil }
          let gradients = try node.gradients(given, slopes)
          #expect(
            given.allSatisfy { gradients[$0]?.allSatisfy(\.isFinite) ?? false },
            "\(info.name) \(dims)")
        } catch let error as OperatorError {
          #expect(!error.description.isEmpty)
        }
      }
    }
    #expect(accepted > 0)
  }

  @Test(arguments: OperatorRegistry.all.indices)
  func `wrong nodes are refused`(index: Int) throws {
    let info = OperatorRegistry.all[index].info
    func make(
      _ attributes: [String: AttributeValue], inputs: Int, outputs: Int
    ) throws(OperatorError) {
      _ = try OperatorRegistry.make(info.name, attributes, inputs: inputs, outputs: outputs)
    }
    let attributes = try #require(info.samples.first).attributes
    let (few, many) = (info.inputs.lowerBound - 1, info.inputs.upperBound + 1)
    for count in [few, many] where count >= 0 {
      #expect(throws: OperatorError.arity("inputs", found: count, expected: info.inputs)) {
        try make(attributes, inputs: count, outputs: 1)
      }
    }
    let outputs = info.outputs.upperBound + 1
    #expect(throws: OperatorError.arity("outputs", found: outputs, expected: info.outputs)) {
      try make(attributes, inputs: info.inputs.lowerBound, outputs: outputs)
    }
    let known = info.attributes.map(\.name)
    #expect(throws: OperatorError.unknownAttribute("nonsense", known: known)) {
      try make(["nonsense": .int(1)], inputs: info.inputs.lowerBound, outputs: 1)
    }
    for name in known {
      #expect(throws: OperatorError.self) {
        try make([name: .strings(["?"])], inputs: info.inputs.lowerBound, outputs: 1)
      }
    }
    // All inputs skipped.
    let op = try OperatorRegistry.make(
      info.name, attributes, inputs: info.inputs.lowerBound, outputs: 1)
    if info.inputs.lowerBound > 0 {
      #expect(throws: OperatorError.self) {
        try op.outputShapes([Operand?](repeating: nil, count: info.inputs.lowerBound))
      }
    }
  }

  @Test func `an unknown operator is refused`() {
    #expect(throws: OperatorError.unknown("Nope")) {
      try OperatorRegistry.make("Nope", [:], inputs: 1, outputs: 1)
    }
  }

  @Test(
    arguments: [
      ("Gemm", [:], [[3, 4], [5, 4]]), ("Gemm", [:], [[3], [3, 4]]),
      ("Gemm", [:], [[3, 4], [4, 5], [2, 3, 5]]), ("MatMul", [:], [[3, 4], [3, 4]]),
      ("MatMul", [:], [[], [3]]), ("MatMul", [:], [[2, 3, 4], [3, 4, 5]]),
      ("Add", [:], [[3, 4], [3]]), ("Softmax", ["axis": .int(2)], [[3, 4]]),
      ("LogSoftmax", ["axis": .int(-3)], [[3, 4]]), ("Flatten", ["axis": .int(3)], [[3, 4]]),
      ("Flatten", ["axis": .int(Int.min)], [[3, 4]]), ("Flatten", ["axis": .int(Int.max)], [[3]]),
      ("Softmax", ["axis": .int(Int.min)], [[3, 4]]),
    ] as [(String, [String: AttributeValue], [[Int]])])
  func `shapes that do not fit are refused`(
    name: String, attributes: [String: AttributeValue], dims: [[Int]]
  ) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1)
    let operands = try dims.map { Optional(Operand(try Shape($0))) }
    #expect(throws: OperatorError.self) { try op.outputShapes(operands) }
  }

  @Test(
    arguments: [
      ([2, 3, 4], [6, 4], false, [6, 4]), ([2, 3, 4], [0, -1], false, [2, 12]),
      ([2, 3, 4], [-1, 0, 2], false, [4, 3, 2]), ([2, 3, 4], [24], false, [24]),
      ([1], [], false, []), ([0, 3], [0, -1], false, [0, 3]), ([0, 3], [3, 0], true, [3, 0]),
      ([0, 3], [-1, 3], false, [0, 3]), ([7, 6], [32, 2, 3], false, [7, 2, 3]),
      ([2, 3], [5], false, nil), ([2, 3], [-1, 4], false, nil), ([2, 3], [-1, -1], false, nil),
      ([2, 3], [-2], false, nil), ([2, 3], [1, 1, 0], false, nil), ([0, 3], [-1, 0], true, nil),
      ([2, 3], [Int.max, 2], false, nil), ([2, 3], [Int.max, Int.max, -1], false, nil),
    ] as [([Int], [Int], Bool, [Int]?)])
  func `Reshape by ONNX's rules`(
    dims: [Int], wanted: [Int], allowZero: Bool, expected: [Int]?
  ) throws {
    let op = try OperatorRegistry.make(
      "Reshape", ["allowzero": .int(allowZero ? 1 : 0)], inputs: 2, outputs: 1)
    let shape = Operand(
      try Shape([wanted.count]), batched: false, constant: wanted.map(Double.init))
    let operands = [Operand(try Shape(dims)), shape]
    if let expected {
      #expect(try op.outputShapes(operands) == [Shape(expected)])
    } else {
      #expect(throws: OperatorError.self) { try op.outputShapes(operands) }
    }
    #expect(throws: OperatorError.notConstant("the shape of a Reshape")) {
      try op.outputShapes([operands[0], Operand(shape.shape, batched: false)])
    }
  }
}
