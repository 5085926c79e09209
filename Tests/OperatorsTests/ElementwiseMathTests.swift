import Glibc
import Tensors
import Testing

@testable import Operators

/// A node by hand: operands, and what comes out.
struct Worked: Sendable, CustomTestStringConvertible {
  let name: String
  var attributes: [String: AttributeValue] = [:]
  let operands: [[Float]]
  let result: [Float]

  var testDescription: String { "\(name) \(attributes) \(operands)" }

  private static let nan = Float.nan
  private static let infinity = Float.infinity

  static let all = [
    Worked(
      name: "Pow",
      operands: [[-2, -2, -8, 0, -1, 2, 4, 4, -3], [3, -2, 5, 0, 7, 0.5, -0.5, 1.5, 0]],
      result: [-8, 0.25, -32768, 1, -1, 1.4142135, 0.5, 8, 1]),
    Worked(name: "Pow", operands: [[-2, 3, 0], [2]], result: [4, 9, 0]),
    Worked(name: "Pow", operands: [[-2, 3, 0.5], [-3]], result: [-0.125, 1 / 27, 8]),
    Worked(
      name: "Pow", operands: [[-infinity, -0.0, 9, -4], [0.5]], result: [infinity, 0, 3, nan]),
    Worked(name: "Pow", operands: [[2], [3, 4, 0.5]], result: [8, 16, 1.4142135]),
    Worked(
      name: "Div", operands: [[7, 1, -1, 0], [2, 0, 0, 0]], result: [3.5, infinity, -infinity, nan]),
    Worked(name: "Max", operands: [[1, 5, nan], [4, 2, 0], [3]], result: [4, 5, nan]),
    Worked(name: "Max", operands: [[1, 2, 0], [4, nan, 0]], result: [4, nan, 0]),
    Worked(name: "Min", operands: [[1, 5, 0], [4, 2, nan], [3]], result: [1, 2, nan]),
    Worked(name: "Sum", operands: [[1, 2], [10], [100, 200]], result: [111, 212]),
    Worked(name: "Mean", operands: [[1, 2], [10], [100, 200]], result: [37, 212 / 3]),
    Worked(name: "Mean", operands: [[1, 2]], result: [1, 2]),
    Worked(
      name: "Sign", operands: [[-3, 0, -0.0, 0x1p-130, nan, infinity]],
      result: [-1, 0, 0, 1, nan, 1]),
    Worked(
      name: "Round", operands: [[0.5, 1.5, 2.5, -0.5, -1.5, 2.4]], result: [0, 2, 2, 0, -2, 2]),
    Worked(name: "Floor", operands: [[-1.5, 1.5, -0.0]], result: [-2, 1, 0]),
    Worked(name: "Ceil", operands: [[-1.5, 1.5, -0.5]], result: [-1, 2, 0]),
    Worked(name: "Sqrt", operands: [[4, 0, -1]], result: [2, 0, nan]),
    Worked(name: "Log", operands: [[1, 0, -1]], result: [0, -infinity, nan]),
    Worked(name: "Reciprocal", operands: [[4, -0.5]], result: [0.25, -2]),
    Worked(name: "Not", operands: [[0, 1, -3, -0.0]], result: [1, 0, 0, 1]),
    Worked(name: "And", operands: [[0, 0, 1, 2], [0, 1, 0, 3]], result: [0, 0, 0, 1]),
    Worked(name: "Or", operands: [[0, 0, 1, 2], [0, 1, 0, 3]], result: [0, 1, 1, 1]),
    Worked(name: "Xor", operands: [[0, 0, 1, 2], [0, 1, 0, 3]], result: [0, 1, 1, 0]),
    Worked(name: "Equal", operands: [[1, 2, nan], [1, 3, nan]], result: [1, 0, 0]),
    Worked(name: "Greater", operands: [[1, 2, 3], [2]], result: [0, 0, 1]),
    Worked(name: "GreaterOrEqual", operands: [[1, 2, 3], [2]], result: [0, 1, 1]),
    Worked(name: "Less", operands: [[1, 2, 3], [2]], result: [1, 0, 0]),
    Worked(name: "LessOrEqual", operands: [[1, 2, 3], [2]], result: [1, 1, 0]),
    Worked(name: "IsNaN", operands: [[1, nan, infinity]], result: [0, 1, 0]),
    Worked(name: "IsInf", operands: [[nan, infinity, -infinity]], result: [0, 1, 1]),
    Worked(
      name: "IsInf", attributes: ["detect_negative": .int(0)],
      operands: [[1, infinity, -infinity]], result: [0, 1, 0]),
    Worked(name: "Where", operands: [[1, 0, 2], [1, 2, 3], [9]], result: [1, 9, 3]),
    Worked(name: "Where", operands: [[0], [1], [7, 8, 9]], result: [7, 8, 9]),
    Worked(name: "PRelu", operands: [[-2, 0, 3], [0.25]], result: [-0.5, 0, 3]),
    Worked(
      name: "Cast", attributes: ["to": .int(7)], operands: [[-1.9, 1.9, -0.5, nan, 5e9]],
      result: [-1, 1, 0, 0, 5e9]),
    Worked(
      name: "Cast", attributes: ["to": .int(2)], operands: [[-3, 255.9, 300, infinity]],
      result: [0, 255, 255, 255]),
    Worked(
      name: "Cast", attributes: ["to": .int(3)], operands: [[-300, 127.9, -128.5]],
      result: [-128, 127, -128]),
    Worked(
      name: "Cast", attributes: ["to": .int(9)], operands: [[0, -0.0, 0.1, nan]],
      result: [0, 0, 1, 1]),
    // float16: 2049 lies between 2048 and 2050, 65519 below the last tie, 2⁻²⁵ on the first one.
    Worked(
      name: "Cast", attributes: ["to": .int(10)],
      operands: [[0.1, 2049, 2051, 65519, 65520, -1e9, 0x1p-25, 0x1.8p-25, 6.1e-5, nan]],
      result: [
        0.099975586, 2048, 2052, 65504, infinity, -infinity, 0, 0x1p-24, 0x1.FF8p-15, nan,
      ]),
    Worked(
      name: "Cast", attributes: ["to": .int(16)],
      operands: [[0.1, 257, 259, 3.4e38, -infinity, 0x1.8p-133]],
      result: [0.100097656, 256, 260, infinity, -infinity, 0x1p-132]),
    Worked(name: "Cast", attributes: ["to": .int(1)], operands: [[0.1]], result: [0.1]),
  ]
}

@Suite struct ElementwiseMathTests {
  @Test(arguments: Worked.all)
  func `by hand`(example: Worked) throws {
    let node = try OperatorReferenceTests.run(
      example.name, example.attributes, example.operands.map { [$0.count] }, example.operands)
    #expect(Self.agree(node.values, example.result), "\(node.values)")
  }

  /// The same nodes over values that are known before any data.
  @Test(arguments: Worked.all)
  func `known before any data`(example: Worked) throws {
    let op = try OperatorRegistry.make(
      example.name, example.attributes, inputs: example.operands.count, outputs: 1)
    var operands = try example.operands.map { values in
      Optional(
        Operand(try Shape([values.count]), batched: false, constant: values.map { Double($0) }))
    }
    let found = try #require(op.constant(operands))
    #expect(Self.agree(found.map { Float($0) }, example.result), "\(found)")
    operands[0] = Operand(try Shape([example.operands[0].count]), batched: false)
    #expect(op.constant(operands) == nil)
  }

  static func agree(_ found: [Float], _ expected: [Float]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { a, b in
        if a.isNaN || b.isNaN || a.isInfinite || b.isInfinite { return a.isNaN ? b.isNaN : a == b }
        return abs(a - b) <= 2e-7 * abs(b)
      }
  }

  @Test(arguments: [("Add", 7.0), ("Sub", 3), ("Mul", 10), ("Div", 2.5), ("Pow", 25)])
  func `shapes are computed`(name: String, expected: Double) throws {
    let op = try OperatorRegistry.make(name, [:], inputs: 2, outputs: 1)
    let scalar = Operand(.scalar, batched: false, constant: [2])
    let row = Operand(try Shape([2]), batched: false, constant: [5, 5])
    #expect(op.constant([row, scalar]) == [expected, expected])
    // A constant that does not fit its shape is none.
    #expect(op.constant([Operand(try Shape([3]), constant: [5, 5]), scalar]) == nil)
  }

  @Test func `an int64 keeps its range`() throws {
    let op = try OperatorRegistry.make("Cast", ["to": .int(7)], inputs: 1, outputs: 1)
    let found = op.constant([Operand(.scalar, batched: false, constant: [1e30])])
    #expect(Int(exactly: found?.first ?? .nan) != nil)
  }

  @Test func `ties share the gradient`() throws {
    let dims = [[3], [3], [1]]
    let node = try OperatorReferenceTests.run(
      "Max", [:], dims, [[1, 3, 3], [2, 3, 0], [3]])
    let found = try node.gradients([0, 1, 2], [6, 6, 6])
    #expect(found[0] == [0, 2, 3])
    #expect(found[1] == [0, 2, 0])
    #expect(found[2] == [6 + 2 + 3])
    let pair = try OperatorReferenceTests.run("Min", [:], [[2], [2]], [[1, 1], [1, 2]])
    #expect(try pair.gradients([0, 1], [1, 1]) == [[0.5, 1], [0.5, 0]])
  }

  /// At a base of 0, under an exponent of 0 and left of 0: what PyTorch gives.
  @Test func `powers at their corners`() throws {
    let node = try OperatorReferenceTests.run(
      "Pow", [:], [[4], [4]], [[0, 0, -2, -2], [0, 2, 3, 0]])
    let found = try node.gradients([0, 1], [1, 1, 1, 1])
    #expect(found[0] == [0, 0, 12, 0])
    let exponents = try #require(found[1])
    #expect(exponents[0] == 0 && exponents[1] == 0)
    #expect(exponents[2].isNaN && exponents[3].isNaN)
    let square = try OperatorReferenceTests.run("Pow", [:], [[3], [1]], [[-3, 0, 2], [2]])
    #expect(try square.gradients([0], [1, 1, 2])[0] == [-6, 0, 8])
  }

  @Test(arguments: [0, 8, 14, 15, 17, -1, Int.max, Int.min])
  func `types that no tensor has are refused`(type: Int) {
    #expect(throws: OperatorError.self) {
      try OperatorRegistry.make("Cast", ["to": .int(type)], inputs: 1, outputs: 1)
    }
  }

  @Test func `a float16 passes the gradient on`() throws {
    for (type, slope) in [(10, 2), (16, 2), (11, 2), (6, 0), (9, 0)] as [(Int, Float)] {
      let node = try OperatorReferenceTests.run("Cast", ["to": .int(type)], [[1]], [[0.3]])
      #expect(try node.gradients([0], [2])[0] == [slope])
    }
  }
}
