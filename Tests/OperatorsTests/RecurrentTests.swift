import Glibc
import Tensors
import Testing

@testable import Operators

/// Recurrent layers of 2 hidden units over 3 steps of 2 samples of 2 inputs. All values are sine
/// waves; the expected ones come from loops over the definitions in float64.
struct RecurrentExample: Sendable, CustomTestStringConvertible {
  let name: String
  let op: String
  var attributes: [String: AttributeValue] = [:]
  var lengths: [Float]?
  var hasStates = false
  var hasPeepholes = false
  let outputs: [[Float]]

  var testDescription: String { name }

  static func wave(_ count: Int, _ phase: Double, _ scale: Double = 1) -> [Float] {
    (0..<count).map { Float(scale * sin(1.7 * Double($0) + phase)) }
  }

  var directions: Int { attributes["direction"] == .string("bidirectional") ? 2 : 1 }

  var dims: [[Int]?] {
    let gates = ["RNN": 1, "LSTM": 4, "GRU": 3][op] ?? 0
    let d = directions
    let state: [Int]? = hasStates ? [d, 2, 2] : nil
    let common: [[Int]?] = [
      [3, 2, 2], [d, 2 * gates, 2], [d, 2 * gates, 2], [d, 4 * gates],
      lengths == nil ? nil : [2], state,
    ]
    return op == "LSTM" ? common + [state, hasPeepholes ? [1, 6] : nil] : common
  }

  var values: [[Float]?] {
    let phases = [0.1, 0.2, 0.3, 0.4, 0, 0.5, 0.6, 0.7]
    return dims.enumerated().map { index, dims in
      index == 4
        ? lengths
        : dims.map { Self.wave($0.reduce(1, *), phases[index], index == 3 ? 0.5 : 1) }
    }
  }

  static let all = [
    RecurrentExample(
      name: "RNN", op: "RNN",
      outputs: [
        [
          0.680565, -0.650316, -0.76861, 0.748411, 0.299025, -0.569241, -0.307793, 0.600555,
          -0.0735017, -0.284793, 0.101178, 0.249165,
        ], [-0.0735017, -0.284793, 0.101178, 0.249165],
      ]),
    RecurrentExample(
      name: "RNN, both directions, lengths", op: "RNN",
      attributes: ["direction": .string("bidirectional")], lengths: [3, 1],
      outputs: [
        [
          0.680565, -0.650316, -0.76861, 0.748411, 0.613259, -0.634524, -0.706778, 0.667669,
          0.299025, -0.569241, 0, 0, 0.706299, -0.76491, 0, 0, -0.0735017, -0.284793, 0, 0,
          0.624046, -0.645401, 0, 0,
        ],
        [
          -0.0735017, -0.284793, -0.76861, 0.748411, 0.613259, -0.634524, -0.706778, 0.667669,
        ],
      ]),
    RecurrentExample(
      name: "LSTM", op: "LSTM",
      outputs: [
        [
          -0.275186, 0.0714337, -0.052399, 0.0282371, -0.374758, 0.073435, -0.0868686, 0.302803,
          -0.364418, 0.0174854, -0.148946, 0.475876,
        ], [-0.364418, 0.0174854, -0.148946, 0.475876],
        [-1.17538, 0.0569216, -0.936971, 0.958007],
      ]),
    RecurrentExample(
      name: "LSTM, reverse, states and peepholes", op: "LSTM",
      attributes: ["direction": .string("reverse")], hasStates: true, hasPeepholes: true,
      outputs: [
        [
          -0.173386, 0.0409391, -0.14259, 0.335301, 0.174334, -0.00914137, -0.137021, 0.340372,
          0.312819, 0.00931876, -0.0489293, 0.185781,
        ], [-0.173386, 0.0409391, -0.14259, 0.335301],
        [-0.313368, 0.149956, -0.604101, 0.751858],
      ]),
    RecurrentExample(
      name: "LSTM, both directions, lengths", op: "LSTM",
      attributes: ["direction": .string("bidirectional")], lengths: [2, 3],
      outputs: [
        [
          -0.275186, 0.0714337, -0.052399, 0.0282371, -0.0344827, 0.508728, 0.529953, 0.0111423,
          -0.374758, 0.073435, -0.0868686, 0.302803, -0.070138, 0.259707, 0.3325, -0.0308782, 0, 0,
          -0.148946, 0.475876, 0, 0, 0.127874, -0.0516474,
        ],
        [
          -0.374758, 0.073435, -0.148946, 0.475876, -0.0344827, 0.508728, 0.529953, 0.0111423,
        ],
        [-1.06225, 0.245207, -0.936971, 0.958007, -0.139122, 0.652105, 0.943518, 0.0226529],
      ]),
    RecurrentExample(
      name: "GRU", op: "GRU",
      outputs: [
        [
          0.0652348, 0.198905, -0.417056, 0.137861, 0.228793, -0.0766462, -0.675991, 0.302097,
          0.465749, -0.389743, -0.774882, 0.480765,
        ], [0.465749, -0.389743, -0.774882, 0.480765],
      ]),
    RecurrentExample(
      name: "GRU, linear before reset", op: "GRU", attributes: ["linear_before_reset": .int(1)],
      outputs: [
        [
          0.110261, 0.147608, -0.215041, 0.129803, 0.293879, -0.137978, -0.47127, 0.307524,
          0.533841, -0.407305, -0.60344, 0.502512,
        ], [0.533841, -0.407305, -0.60344, 0.502512],
      ]),
    RecurrentExample(
      name: "GRU, both directions, lengths and states", op: "GRU",
      attributes: ["direction": .string("bidirectional")], lengths: [1, 3], hasStates: true,
      outputs: [
        [
          0.490254, 0.105671, -0.660605, -0.487065, 0.36461, 0.613824, 0.502247, -0.505636, 0, 0,
          -0.776045, -0.302516, 0, 0, 0.316338, -0.244839, 0, 0, -0.825741, -0.0680016, 0, 0,
          -0.0583678, -0.142834,
        ],
        [0.490254, 0.105671, -0.825741, -0.0680016, 0.36461, 0.613824, 0.502247, -0.505636],
      ]),
  ]
}

@Suite struct RecurrentTests {
  @Test(arguments: RecurrentExample.all)
  func `states by the definition`(example: RecurrentExample) throws {
    let node = try WholeNode(
      example.op, example.attributes, example.dims, example.values,
      outputs: example.outputs.count)
    for (found, expected) in zip(node.values, example.outputs) {
      #expect(distance(found, expected) < 1e-5)
    }
  }

  /// Samples first is the same with the axes of data and states in another order.
  @Test(arguments: RecurrentExample.all)
  func `samples may come first`(example: RecurrentExample) throws {
    let d = example.directions
    var (dims, values) = (example.dims, example.values)
    for index in [0, 5, 6] where dims.indices.contains(index) && dims[index] != nil {
      let length = index == 0 ? 3 : d
      dims[index] = [2, length, 2]
      values[index] = Self.transposed(values[index] ?? [], [length, 2, 2], [1, 0, 2])
    }
    let node = try WholeNode(
      example.op, example.attributes.merging(["layout": .int(1)]) { $1 }, dims, values,
      outputs: example.outputs.count)
    let expected = example.outputs.enumerated().map { index, values in
      index == 0
        ? Self.transposed(values, [3, d, 2, 2], [2, 0, 1, 3])
        : Self.transposed(values, [d, 2, 2], [1, 0, 2])
    }
    for (found, expected) in zip(node.values, expected) {
      #expect(distance(found, expected) < 1e-5)
    }
  }

  private static func transposed(_ values: [Float], _ dims: [Int], _ order: [Int]) -> [Float] {
    let steps = dims.indices.map { dims[($0 + 1)...].reduce(1, *) }
    return Walk(order.map { dims[$0] }, steps: order.map { steps[$0] })
      .pick(values.map(Double.init))?.map { Float($0) } ?? []
  }

  /// Gradients of every output at once, against central differences.
  @Test(arguments: RecurrentExample.all)
  func `every output has a way back`(example: RecurrentExample) throws {
    func run(_ values: [[Float]?]) throws -> WholeNode {
      try WholeNode(
        example.op, example.attributes, example.dims, values, outputs: example.outputs.count)
    }
    let values = example.values
    let slopes = example.outputs.enumerated().map {
      RecurrentExample.wave($1.count, 2 + Double($0))
    }
    let gradients = try run(values).gradients(slopes)
    func total(_ values: [[Float]?]) throws -> Double {
      var sum = 0.0
      for (found, slopes) in zip(try run(values).values, slopes) {
        for (value, slope) in zip(found, slopes) { sum += Double(value) * Double(slope) }
      }
      return sum
    }
    for input in values.indices where input != 4 {
      guard let base = values[input], let gradient = gradients[input] else { continue }
      for i in base.indices {
        var (above, below) = (values, values)
        above[input]?[i] += 1 / 64
        below[input]?[i] -= 1 / 64
        let expected = (try total(above) - total(below)) * 32
        #expect(abs(expected - Double(gradient[i])) < 5e-3 * max(1, abs(expected)))
      }
    }
    if example.lengths != nil { #expect(gradients[4]?.allSatisfy { $0 == 0 } == true) }
  }

  @Test(
    arguments: [
      ("clip", .float(3)), ("activations", .strings(["Tanh", "Tanh"])),
      ("activations", .strings(["Swish"])), ("direction", .string("sideways")),
      ("hidden_size", .int(3)), ("layout", .int(2)),
    ] as [(String, AttributeValue)])
  func `settings that are refused`(name: String, value: AttributeValue) {
    #expect(throws: OperatorError.self) {
      try WholeNode(
        "RNN", [name: value], [[3, 2, 2], [1, 2, 2], [1, 2, 2]],
        [.init(repeating: 0, count: 12), [0, 0, 0, 0], [0, 0, 0, 0]], outputs: 1)
    }
  }

  @Test(arguments: [Float(4), -1, 0.5, .nan, 1e30])
  func `a length beyond the steps names its sample`(length: Float) {
    let zeros = [Float](repeating: 0, count: 12)
    let error = OperatorError.index(
      sample: 1, found: "a length of \(length) steps", expected: "a whole number from 0 to 3")
    #expect(throws: error) {
      try WholeNode(
        "RNN", [:], [[3, 2, 2], [1, 2, 2], [1, 2, 2], nil, [2]],
        [zeros, [0, 0, 0, 0], [0, 0, 0, 0], nil, [3, length]], outputs: 1)
    }
  }

  @Test(arguments: [("RNN", 1), ("GRU", 3), ("LSTM", 4)])
  func `weights that are no numbers show from the first step`(op: String, gates: Int) throws {
    let numbers = [Float](repeating: 0.5, count: gates)
    for value in [Float.nan, .infinity] {
      let node = try WholeNode(
        op, ["hidden_size": .int(1)], [[1, 1, 1], [1, gates, 1], [1, gates, 1]],
        [[1], numbers, numbers.map { _ in value }], outputs: 1)
      #expect(node.values[0].allSatisfy { $0.isNaN })
    }
  }

  /// The slope that follows from a value is the slope at every argument that has the value.
  @Test(arguments: GateFunction.Kind.allCases)
  func `slopes follow from values`(kind: GateFunction.Kind) throws {
    let (alpha, beta) = kind.defaults
    let function = GateFunction(kind: kind, alpha: Float(alpha ?? 0), beta: Float(beta ?? 0))
    func value(_ x: Float) -> Float {
      var values = [Float](repeating: x, count: 32)
      values.withUnsafeMutableBufferPointer { $0.baseAddress.map { function.apply($0, 3) } }
      #expect(values[3] == x)
      return values[2]
    }
    for x in stride(from: Float(-3.05), through: 3.1, by: 0.3) {
      let expected = (value(x + 1 / 256) - value(x - 1 / 256)) * 128
      #expect(abs(function.slope(Vector(repeating: value(x)))[0] - expected) < 2e-3)
    }
  }

  @Test func `samples stay apart where they come first`() throws {
    func keeps(
      _ attributes: [String: AttributeValue], state: Operand? = nil
    ) throws -> Bool {
      let op = try OperatorRegistry.make("GRU", attributes, inputs: 6, outputs: 1)
      let operands: [Operand?] = [
        Operand(try Shape([4, 4, 2])), Operand(try Shape([1, 9, 2]), batched: false),
        Operand(try Shape([1, 9, 3]), batched: false), nil, nil, state,
      ]
      return op.keepsSamples(operands, try op.outputShapes(operands))
    }
    let first = ["layout": AttributeValue.int(1)]
    let shape = try Shape([4, 1, 3])
    #expect(try keeps(first))
    #expect(try !keeps([:]))
    #expect(try keeps(first, state: Operand(shape)))
    #expect(try !keeps(first, state: Operand(shape, batched: false)))
    let zeros = [Double](repeating: 0, count: 12)
    #expect(try keeps(first, state: Operand(shape, batched: false, constant: zeros)))
    let mixed = (0..<12).map(Double.init)
    #expect(try !keeps(first, state: Operand(shape, batched: false, constant: mixed)))
  }
}
