import Glibc
import Tensors
import Testing

@testable import Operators

/// What PyTorch 2.13 gives in float64 for x[i] = 2 sin(0.7 i) rounded to float32, the gradient
/// dy[i] = cos(1.3 i), scales 1, 1.25, 1.5… and biases 0.5, 0.375, 0.25….
struct NormalizationExample: Sendable, CustomTestStringConvertible {
  let name: String
  var attributes: [String: AttributeValue] = [:]
  let dims: [Int]
  let channels: Int
  var statistics: [[Float]] = []
  let y: [Float]
  let dx: [Float]
  let dscale: [Float]
  var dbias: [Float]?

  var testDescription: String { "\(name) \(attributes)" }

  var inputs: [[Float]] {
    let count = dims.reduce(1, *)
    let x = (0..<count).map { Float(2 * Glibc.sin(0.7 * Double($0))) }
    let scale = (0..<channels).map { 1 + 0.25 * Float($0) }
    let bias = (0..<channels).map { 0.5 - 0.125 * Float($0) }
    return [x, scale] + (dbias == nil ? [] : [bias]) + statistics
  }

  static let all = [
    NormalizationExample(
      name: "BatchNormalization", attributes: ["training_mode": .int(1)], dims: [3, 2, 2],
      channels: 2, statistics: [[0, 0], [1, 1]],
      y: [
        0.494431752, 2.03510725, 1.4143915, 1.23598076, 1.29557096, -0.344482099, -1.29595143,
        -1.45777705, -1.01527081, 0.53464295, 0.934997041, 1.41835919,
      ],
      dx: [
        0.638817873, -0.490579707, -0.452792989, -0.350697448, -0.128529542, 0.748851525,
        0.311093375, -0.413961698, -0.97936736, 0.210807212, 0.852282736, 0.0540760249,
      ], dscale: [0.825576315, 0.37613824], dbias: [2.79921526, -1.73125489]),
    NormalizationExample(
      name: "BatchNormalization", dims: [3, 2, 2], channels: 2,
      statistics: [[0.1, -0.2], [0.5, 2]],
      y: [
        0.358580058, 2.18068457, 2.29381737, 2.07772543, 1.30606014, -0.63357482, -0.988962743,
        -1.1849667, -1.42689381, 0.406136474, 1.71317254, 2.29862304,
      ],
      dx: [
        1.41419942, 0.378296678, -0.757387932, -0.641637961, 0.662576014, 1.38108969,
        0.0476901857, -0.837673369, -0.793343607, 0.915830396, 0.802075229, -0.143289918,
      ], dscale: [0.598950057, -0.45838574], dbias: [2.79921526, -1.73125489]),
    NormalizationExample(
      name: "LayerNormalization", dims: [2, 5], channels: 5,
      y: [
        -1.07575636, 0.648892294, 2.00474291, 1.57619068, -1.2848758, 1.08777048, -0.686099235,
        -1.48211374, -0.200441462, 3.20363591,
      ],
      dx: [
        -0.574269716, 0.829592922, -0.192000011, -0.613501995, 0.550178799, 0.64873308,
        1.14469378, -0.536547103, -1.10988516, -0.146994597,
      ], dscale: [-1.00174697, 0.0128110479, 0.0919614038, -0.497656372, 0.736338603],
      dbias: [1.97658765, 0.321454242, -1.80461037, -1.28691655, 1.11611304]),
    NormalizationExample(
      name: "GroupNormalization", attributes: ["num_groups": .int(2)], dims: [2, 4, 2],
      channels: 4,
      y: [
        -1.13996626, 0.555256314, 1.56648662, 1.16440081, 2.55997031, 0.585861859, -1.23221509,
        -1.6045891, -0.932050401, 0.111981533, 1.17909278, 1.84599331, 2.2353708, 1.01714596,
        -0.799575243, -2.16169431,
      ],
      dx: [
        -0.18695273, 0.644343343, -0.166077467, -0.291313146, -0.569916774, 1.10098658,
        0.499525034, -1.03059484, -0.356059293, 0.398092412, 0.573469785, -0.615502904,
        -0.0633790642, -0.0942552394, 0.434313193, -0.27667889,
      ], dscale: [-1.07310688, -0.882256715, -0.564812882, -0.565790587],
      dbias: [1.35411093, -0.837488711, 0.0811584294, 0.698401257]),
    NormalizationExample(
      name: "InstanceNormalization", dims: [2, 2, 4], channels: 2,
      y: [
        -1.13996626, 0.555256314, 1.4531893, 1.13152065, 2.29997525, 0.654884882, -0.594439353,
        -0.860420784, -0.932050401, 0.111981533, 1.14327422, 1.67679465, 2.02947566, 1.0142883,
        -0.285410888, -1.25835308,
      ],
      dx: [
        -0.145137925, 0.508389394, -0.114335927, -0.248915542, -0.450729681, 0.882834429,
        0.326134105, -0.758238854, -0.346867187, 0.427938266, 0.440984791, -0.52205587,
        -0.0662866152, -0.045166014, 0.329479993, -0.218027364,
      ], dscale: [-1.9553636, -1.13060347], dbias: [0.516622216, 0.779559687]),
    NormalizationExample(
      name: "RMSNormalization", dims: [2, 5], channels: 5,
      y: [
        0, 1.20216981, 2.2067285, 2.25516002, 1.00019023, -0.523300755, -1.62527817, -2.19844406,
        -1.64802364, 0.0501661768,
      ],
      dx: [
        0.746437027, 0.642672796, -0.358125769, -0.421553047, 0.903837004, 0.919060378,
        0.523933092, -0.526484861, -0.389231114, 0.956951655,
      ], dscale: [-0.511049056, 0.187109151, 0.128394697, -0.407187536, 0.250546618]),
  ]
}

@Suite struct NormalizationTests {
  static func run(
    _ name: String, _ attributes: [String: AttributeValue], _ dims: [[Int]], _ values: [[Float]]
  ) throws -> Node {
    try OperatorReferenceTests.run(name, attributes, dims, values)
  }

  @Test(arguments: NormalizationExample.all)
  func `as PyTorch`(example: NormalizationExample) throws {
    let values = example.inputs
    let dims = [example.dims] + values.dropFirst().map { [$0.count] }
    let node = try Self.run(example.name, example.attributes, dims, values)
    #expect(distance(node.values, example.y) < 1e-6)
    let slopes = (0..<example.y.count).map { Float(Glibc.cos(1.3 * Double($0))) }
    let found = try node.gradients([0, 1, 2].filter { $0 < values.count }, slopes)
    #expect(distance(try #require(found[0]), example.dx) < 1e-6)
    #expect(distance(try #require(found[1]), example.dscale) < 1e-6)
    if let dbias = example.dbias { #expect(distance(try #require(found[2]), dbias) < 1e-6) }
  }

  /// The running statistics of the first example: a tenth of the batch's, of which the variance is
  /// over n.
  @Test func `running statistics follow the batch`() throws {
    let example = NormalizationExample.all[0]
    let values = example.inputs
    let node = try Self.run(
      example.name, example.attributes, [example.dims] + values.dropFirst().map { [$0.count] },
      values)
    #expect(distance(node.outputs[1].values, [0.00046566116, 0.05465951762]) < 1e-6)
    #expect(
      distance(node.outputs[2].values, [0.9 + 0.06993534051, 0.9 + 0.2934033839]) < 1e-6)
    let empty = try Self.run(
      example.name, example.attributes, [[0, 2, 2], [2], [2], [2], [2]],
      [[], [1, 1], [0, 0], [3, 4], [5, 6]])
    #expect(empty.outputs[1].values == [3, 4])
    #expect(empty.outputs[2].values == [5, 6])
  }

  /// A mean of 1000 standard deviations costs no more digits than float32 has already dropped.
  @Test(arguments: [[4096, 3], [64, 3, 400]])
  func `large means leave the variance alone`(dims: [Int]) throws {
    var numbers = Numbers(12)
    let count = dims.reduce(1, *)
    let x = numbers.draw(count, from: 999...1001)
    let ones: [Float] = [1, 1, 1]
    let node = try Self.run(
      "BatchNormalization", ["training_mode": .int(1), "momentum": .int(0), "epsilon": .int(0)],
      [dims, [3], [3], [3], [3]], [x, ones, [0, 0, 0], ones, ones])
    let places = count / dims[0] / 3
    for channel in 0..<3 {
      let own = x.indices.filter { $0 / places % 3 == channel }.map { Double(x[$0]) }
      let mean = own.reduce(0, +) / Double(own.count)
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)
      #expect(abs(Double(node.outputs[1].values[channel]) / mean - 1) < 1e-7)
      #expect(abs(Double(node.outputs[2].values[channel]) / variance - 1) < 1e-6)
    }
  }

  @Test func `a layer norm tells its statistics`() throws {
    let node = try Self.run(
      "LayerNormalization", ["epsilon": .float(0.75)], [[2, 4], [4]],
      [[1, 2, 3, 4, -3, -3, -3, -3], [1, 1, 1, 1]])
    #expect(node.outputs[1].shape.dims == [2, 1])
    #expect(node.outputs[1].values == [2.5, -3])
    #expect(distance(node.outputs[2].values, [0.70710678, 1.15470054]) < 1e-6)
  }

  /// The slope of a scale over many rows is summed without losing digits.
  @Test func `many rows are summed`() throws {
    let rows = 20_000
    let x = (0..<(2 * rows)).map { Float($0 % 2) }
    let node = try Self.run(
      "LayerNormalization", ["epsilon": .int(0)], [[rows, 2], [2]], [x, [1, 1]])
    let slopes = [Float](repeating: 0.1, count: 2 * rows)
    let found = try #require(try node.gradients([1], slopes)[1])
    #expect(distance(found, [-2000, 2000]) < 1e-6)
  }

  @Test(
    arguments: [
      ("LpNormalization", ["p": .int(2)], [3, 4, 0, 0], [0.6, 0.8, 0, 0]),
      ("LpNormalization", ["p": .int(1)], [3, -1, 0, 0], [0.75, -0.25, 0, 0]),
      ("LpNormalization", ["p": .int(2), "axis": .int(0)], [3, 0, 4, 0], [0.6, 0, 0.8, 0]),
    ] as [(String, [String: AttributeValue], [Float], [Float])])
  func `lines of length 1`(
    name: String, attributes: [String: AttributeValue], x: [Float], y: [Float]
  ) throws {
    let node = try Self.run(name, attributes, [[2, 2]], [x])
    #expect(distance(node.values, y) < 1e-7)
    #expect(try node.gradients([0], [1, 1, 1, 1])[0]?.allSatisfy { $0.isFinite } == true)
  }

  @Test(
    arguments: [
      ("BatchNormalization", ["training_mode": .int(1)], [[4, 3], [3], [3], [3], [3]], false),
      ("BatchNormalization", [:], [[4, 3, 2], [3], [3], [3], [3]], true),
      ("LayerNormalization", [:], [[4, 3], [3]], true),
      ("LayerNormalization", ["axis": .int(0)], [[4, 3], [4, 3]], false),
      ("GroupNormalization", ["num_groups": .int(3)], [[4, 3], [3], [3]], true),
      ("InstanceNormalization", [:], [[4, 3, 2], [3], [3]], true),
      ("RMSNormalization", ["axis": .int(-2)], [[4, 3, 2], [3, 2]], true),
      ("LpNormalization", ["axis": .int(0)], [[4, 3]], false),
    ] as [(String, [String: AttributeValue], [[Int]], Bool)])
  func `who keeps samples`(
    name: String, attributes: [String: AttributeValue], dims: [[Int]], keeps: Bool
  ) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1)
    let operands = try dims.enumerated().map {
      Optional(Operand(try Shape($1), batched: $0 == 0))
    }
    #expect(op.keepsSamples(operands, try op.outputShapes(operands)) == keeps)
  }

  @Test(
    arguments: [
      ("BatchNormalization", [:], [[4], [4], [4], [4], [4]]),
      ("BatchNormalization", [:], [[4, 3], [3], [3], [3], [4]]),
      ("LayerNormalization", ["axis": .int(Int.min)], [[4, 3], [3]]),
      ("LayerNormalization", [:], [[4, 3], [4, 3]]),
      ("GroupNormalization", ["num_groups": .int(2)], [[4, 3], [3], [3]]),
      ("GroupNormalization", ["num_groups": .int(Int.max)], [[4, 3], [3], [3]]),
      ("InstanceNormalization", [:], [[4, 3], [3], [2]]),
      ("LpNormalization", ["axis": .int(Int.max)], [[4, 3]]),
    ] as [(String, [String: AttributeValue], [[Int]])])
  func `what does not fit is refused`(
    name: String, attributes: [String: AttributeValue], dims: [[Int]]
  ) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1)
    let operands = try dims.map { Optional(Operand(try Shape($0))) }
    #expect(throws: OperatorError.self) { try op.outputShapes(operands) }
  }
}

/// What an operator says of the values that it normalizes together.
@Suite struct NormalizedGroupTests {
  static let cases = Case.all.filter { example in
    guard let node = try? example.node(), node.values.count > 0 else { return false }
    return node.op.normalizedGroup(node.operands) != nil
  }

  @Test func `every normalization by statistics of its input says so`() {
    let names = Set(Self.cases.map { $0.type.info.name })
    let all = OperatorRegistry.all.filter { $0.info.facts.contains(.normalizes) }
    #expect(names == Set(all.map { $0.info.name }))
  }

  /// A value that moves takes all with it that are normalized by the same statistics.
  @Test(arguments: cases)
  func `a value moves those of its group alone`(example: Case) throws {
    var values = example.inputs()
    let node = try example.node(values)
    let group = try #require(node.op.normalizedGroup(node.operands))
    let before = node.values
    values[0]?[0] += 0.5
    let moved = zip(before, try example.node(values).values).filter { $0 != $1 }.count
    #expect(moved <= group.values)
    #expect(moved >= group.values - 1 || group.values == 1)
    #expect(moved > 0 || group.values == 1)
  }

  @Test func `one value has no deviation`() throws {
    let op = try OperatorRegistry.make("LayerNormalization", [:], inputs: 2, outputs: 1)
    let node = try Node(op, [[3, 1], [1]], [[1, -5, 7], [2]])
    #expect(node.op.normalizedGroup(node.operands) == NormalizedGroup(values: 1, isCentred: true))
    #expect(node.values == [0, 0, 0])
  }

  @Test func `running statistics normalize nothing together`() throws {
    let op = try OperatorRegistry.make("BatchNormalization", [:], inputs: 5, outputs: 1)
    let ones: [Float] = [1, 1]
    let node = try Node(
      op, [[2, 2], [2], [2], [2], [2]], [[1, 2, 3, 4], ones, ones, ones, ones])
    #expect(node.op.normalizedGroup(node.operands) == nil)
  }
}
