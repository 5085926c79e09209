import Glibc
import Tensors
import Testing

@testable import Operators

/// An element-wise operator in double.
struct Function: Sendable, CustomTestStringConvertible {
  let name: String
  var attributes: [String: AttributeValue] = [:]
  let value: @Sendable (Double) -> Double
  /// The slope at 0, where the operator says what its frameworks take.
  let atZero: Float

  var testDescription: String { "\(name) \(attributes)" }

  static let all = [
    Function(name: "Relu", value: { max(0, $0) }, atZero: 0),
    Function(name: "LeakyRelu", value: { $0 > 0 ? $0 : 0.01 * $0 }, atZero: 0.01),
    Function(
      name: "LeakyRelu", attributes: ["alpha": .float(0.25)],
      value: { $0 > 0 ? $0 : 0.25 * $0 }, atZero: 0.25),
    Function(name: "Sigmoid", value: { 1 / (1 + Glibc.exp(-$0)) }, atZero: 0.25),
    Function(name: "Tanh", value: { Glibc.tanh($0) }, atZero: 1),
    Function(name: "Identity", value: { $0 }, atZero: 1),
    Function(name: "Dropout", value: { $0 }, atZero: 1),
  ]
}

/// Operators against their definitions.
@Suite struct OperatorReferenceTests {
  static func run(
    _ name: String, _ attributes: [String: AttributeValue] = [:], _ dims: [[Int]?],
    _ values: [[Float]?]
  ) throws -> Node {
    try Node(
      OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1), dims, values)
  }

  @Test(arguments: Function.all)
  func `functions of one number`(function: Function) throws {
    let x: [Float] = stride(from: -12, through: 12, by: 0.37).map { Float($0) }
    let node = try Self.run(function.name, function.attributes, [[x.count]], [x])
    #expect(distance(node.values, x.map { Float(function.value(Double($0))) }) < 1e-6)
    let zero = try Self.run(function.name, function.attributes, [[1]], [[0]])
    #expect(try zero.gradients([0], [1])[0] == [function.atZero])
  }

  /// Outside its flat bounds the slope is under 5 % of the largest, inside it is not; values stay
  /// in the range.
  @Test(arguments: OperatorRegistry.all.indices)
  func `activations are what they say`(index: Int) throws {
    let type = OperatorRegistry.all[index]
    guard let activation = type.info.activation, type is any Elementwise.Type else { return }
    func slope(_ x: Double) throws -> Float {
      let node = try Self.run(type.info.name, [:], [[1]], [[Float(x)]])
      let value = Double(node.values[0])
      let nearest = min(max(value, activation.range.lowerBound), activation.range.upperBound)
      #expect(abs(value - nearest) < 1e-6)
      return abs(try node.gradients([0], [1])[0]?.first ?? .nan)
    }
    // The stride comes close to 0, where slopes may jump, but does not meet it.
    let probes = stride(from: -20, through: 20, by: 0.01) + [0]
    let largest = try probes.map { try slope($0) }.max() ?? 0
    for (bound, inward) in [(activation.flatBelow, 1.0), (activation.flatAbove, -1)] {
      guard let bound else { continue }
      #expect(try slope(bound - 1e-3 * inward) < 0.05 * largest)
      #expect(try slope(bound + 1e-3 * inward) > 0.05 * largest)
      if activation.rectifier { #expect(try slope(bound - inward) == 0) }
    }
  }

  @Test func `a leaky rectifier without a slope is a rectifier`() throws {
    let flat = try OperatorRegistry.make("LeakyRelu", ["alpha": .int(0)], inputs: 1, outputs: 1)
    #expect(flat.activation == Relu.info.activation)
    let leaky = try OperatorRegistry.make("LeakyRelu", [:], inputs: 1, outputs: 1)
    #expect(leaky.activation == Activation(range: Activation.reals))
  }

  @Test(arguments: [-1, 0, 1, 2])
  func `softmax along every axis`(axis: Int) throws {
    let dims = [3, 5, 18]
    var numbers = Numbers(4)
    let x = numbers.draw(270, from: -30...30)
    let (outer, inner) = try Shape(dims).around(axis < 0 ? axis + 3 : axis)
    let count = 270 / outer / inner
    var soft = [Float](repeating: 0, count: 270)
    var logarithm = soft
    for line in 0..<(outer * inner) {
      let places = (0..<count).map { (line / inner * count + $0) * inner + line % inner }
      let top = places.map { x[$0] }.max() ?? 0
      let sum = places.reduce(0.0) { $0 + Glibc.exp(Double(x[$1] - top)) }
      for place in places {
        soft[place] = Float(Glibc.exp(Double(x[place] - top)) / sum)
        logarithm[place] = Float(Double(x[place] - top) - Glibc.log(sum))
      }
    }
    let attributes = ["axis": AttributeValue.int(axis)]
    #expect(distance(try Self.run("Softmax", attributes, [dims], [x]).values, soft) < 1e-6)
    #expect(distance(try Self.run("LogSoftmax", attributes, [dims], [x]).values, logarithm) < 1e-6)
  }

  @Test func `softmax of extremes`() throws {
    let large = try Self.run("Softmax", [:], [[2, 3]], [[1e30, -1e30, 1e30, 0, -.infinity, 0]])
    #expect(distance(large.values, [0.5, 0, 0.5, 0.5, 0, 0.5]) < 1e-6)
    let none = try Self.run("LogSoftmax", [:], [[1, 2]], [[-.infinity, -.infinity]])
    #expect(none.values.allSatisfy { $0.isNaN })
  }

  @Test(
    arguments: [
      ("Add", [11, 22, 33, 14, 25, 36]), ("Sub", [-9, -18, -27, -6, -15, -24]),
      ("Mul", [10, 40, 90, 40, 100, 180]),
    ] as [(String, [Float])])
  func `rows meet a vector`(name: String, expected: [Float]) throws {
    let (x, row): ([Float], [Float]) = ([1, 2, 3, 4, 5, 6], [10, 20, 30])
    #expect(try Self.run(name, [:], [[2, 3], [3]], [x, row]).values == expected)
    let transposed = try Self.run(name, [:], [[3], [2, 3]], [row, x]).values
    #expect(transposed == expected.map { name == "Sub" ? -$0 : $0 })
  }

  @Test func `a scalar and a column broadcast`() throws {
    #expect(try Self.run("Sub", [:], [[], [3]], [[1], [1, 2, 3]]).values == [0, -1, -2])
    #expect(
      try Self.run("Mul", [:], [[2, 1], [1, 3]], [[2, 3], [1, 10, 100]]).values
        == [2, 20, 200, 3, 30, 300])
  }

  /// A sum over many samples keeps its digits, into a row as into a scalar.
  @Test(arguments: ["Add", "Sub", "Mul"], [[20], [], [1], [20, 1]])
  func `long sums`(name: String, dims: [Int]) throws {
    let sizes = dims == [20, 1] ? [20, 5_000] : [5_000, 20]
    let slopes = (0..<100_000).map { Float($0 % 7) * 0.1 + 0.01 }
    let ones = [Float](repeating: 1, count: 100_000)
    let node = try Self.run(name, [:], [sizes, dims], [ones, ones])
    let found = try #require(try node.gradients([1], slopes)[1])
    var expected = [Double](repeating: 0, count: found.count)
    for (i, slope) in slopes.enumerated() {
      let unit = dims == [20, 1] ? i / 5_000 : dims == [20] ? i % 20 : 0
      expected[unit] += Double(name == "Sub" ? -slope : slope)
    }
    for (a, b) in zip(found, expected) { #expect(abs(Double(a) / b - 1) < 2e-6) }
  }

  @Test func `Gemm by hand`() throws {
    let (a, b): ([Float], [Float]) = ([1, 2, 3, 4], [5, 6, 7, 8])
    #expect(try Self.run("Gemm", [:], [[2, 2], [2, 2]], [a, b]).values == [19, 22, 43, 50])
    #expect(
      try Self.run("Gemm", ["transB": .int(1)], [[2, 2], [2, 2], [2]], [a, b, [1, -1]]).values
        == [18, 22, 40, 52])
    #expect(
      try Self.run(
        "Gemm", ["transA": .int(1), "alpha": .float(0.5), "beta": .int(2)],
        [[2, 2], [2, 2], [2, 1]], [a, b, [1, 2]]
      ).values == [15, 17, 23, 26])
  }

  /// NumPy's `matmul` with einsum's definition: every index written out.
  @Test(arguments: [
    ([3, 4], [4, 5], [3, 5]), ([2, 3, 4], [4, 5], [2, 3, 5]), ([3, 4], [2, 4, 5], [2, 3, 5]),
    ([2, 1, 3, 4], [5, 4, 2], [2, 5, 3, 2]), ([4], [4, 5], [5]), ([3, 4], [4], [3]),
    ([4], [4], []), ([2, 3, 4], [4], [2, 3]), ([4], [2, 4, 5], [2, 5]), ([0, 4], [4, 2], [0, 2]),
    ([3, 0], [0, 2], [3, 2]), ([6, 1, 2, 3], [6, 7, 3, 1], [6, 7, 2, 1]),
  ])
  func `MatMul by NumPy's rules`(left: [Int], right: [Int], expected: [Int]) throws {
    var numbers = Numbers(8)
    let a = numbers.draw(left.reduce(1, *), from: -2...2)
    let b = numbers.draw(right.reduce(1, *), from: -2...2)
    let node = try Self.run("MatMul", [:], [left, right], [a, b])
    #expect(node.outputs[0].shape.dims == expected)

    let (rows, columns) = (
      left.count > 1 ? left[left.count - 2] : 1, right.count > 1 ? right[right.count - 1] : 1
    )
    let depth = left[left.count - 1]
    let common = try #require(
      Broadcast(Shape(left.dropLast(2)), Shape(Array(right.dropLast(2)))))
    var values: [Float] = []
    common.forEachRow { _, first, second in
      for i in 0..<(common.shape.dims.last ?? 1) {
        let x = (first + i * common.innerSteps.left) * rows * depth
        let y = (second + i * common.innerSteps.right) * depth * columns
        for row in 0..<rows {
          for column in 0..<columns {
            let sum = (0..<depth).reduce(0.0) {
              $0 + Double(a[x + row * depth + $1]) * Double(b[y + $1 * columns + column])
            }
            values.append(Float(sum))
          }
        }
      }
    }
    #expect(distance(node.values, values) < 1e-6)
  }

  @Test(arguments: [(0, [1, 24]), (1, [2, 12]), (2, [6, 4]), (3, [24, 1]), (-1, [6, 4])])
  func `Flatten cuts before its axis`(axis: Int, expected: [Int]) throws {
    let x = (0..<24).map(Float.init)
    let node = try Self.run("Flatten", ["axis": .int(axis)], [[2, 3, 4]], [x])
    #expect(node.outputs[0].shape.dims == expected)
    #expect(node.values == x)
  }

  @Test(
    arguments: [
      ("value_int", .int(-3), [], [-3]), ("value_ints", .ints([2, -1]), [2], [2, -1]),
      ("value_float", .float(0.5), [], [0.5]), ("value_floats", .ints([1, 2]), [2], [1, 2]),
      ("value_floats", .floats([0.5]), [1], [0.5]),
    ] as [(String, AttributeValue, [Int], [Double])])
  func `constants are known`(
    name: String, value: AttributeValue, dims: [Int], expected: [Double]
  ) throws {
    let node = try Self.run("Constant", [name: value], [], [])
    #expect(node.outputs[0].shape.dims == dims)
    #expect(node.values == expected.map(Float.init))
    #expect(node.op.constant([]) == expected)
  }

  @Test func `a constant has one value`() {
    for attributes in [[:], ["value_int": .int(1), "value_float": .float(1)]]
      as [[String: AttributeValue]]
    {
      #expect(throws: OperatorError.self) { try Self.run("Constant", attributes, [], []) }
    }
  }

  @Test(
    arguments: [
      ("MatMul", [[8, 4], [4, 5]], Set([0]), 1), ("MatMul", [[8, 3, 4], [4, 5]], Set([0]), 2),
      ("MatMul", [[5, 4], [8, 4, 6]], Set([1]), 1), ("MatMul", [[8, 4], [4]], Set([0]), nil),
      ("Gemm", [[8, 4], [4, 5]], Set([0]), 1), ("Softmax", [[8, 4]], Set([0]), 1),
      ("Add", [[8, 4], [4]], Set([0]), 1),
    ] as [(String, [[Int]], Set<Int>, Int?)])
  func `units lie along`(name: String, dims: [[Int]], batched: Set<Int>, axis: Int?) throws {
    let op = try OperatorRegistry.make(name, [:], inputs: dims.count, outputs: 1)
    let operands = try dims.enumerated().map {
      Optional(Operand(try Shape($1), batched: batched.contains($0)))
    }
    let output = try op.outputShapes(operands)[0]
    #expect(op.unitAxis(operands, dims.map { _ in nil }, output) == axis)
  }

  @Test func `parameters have roles`() throws {
    let x = Operand(try Shape([8, 4]))
    let row = Operand(try Shape([4]), batched: false)
    let matrix = Operand(try Shape([4, 5]), batched: false)
    func roles(_ name: String, _ operands: [Operand]) throws -> [ParameterRole?] {
      try OperatorRegistry.make(name, [:], inputs: 2, outputs: 1).roles(operands)
    }
    #expect(try roles("Add", [x, row]) == [nil, ParameterRole(.bias, unitAxis: 0)])
    #expect(try roles("Mul", [row, x]) == [ParameterRole(.scale, unitAxis: 0), nil])
    #expect(try roles("MatMul", [x, matrix])[1] == ParameterRole(.kernel, unitAxis: 1))
  }
}
