import Glibc
import Tensors
import Testing

@testable import Operators

/// Values of an activation at the float32 numbers of `places`, computed with 30 digits by mpmath
/// from the definition.
struct ActivationExample: Sendable, CustomTestStringConvertible {
  let name: String
  let attributes: [String: AttributeValue]
  let values: [Double]

  init(_ name: String, _ attributes: [String: AttributeValue] = [:], values: [Double]) {
    self.name = name
    self.attributes = attributes
    self.values = values
  }

  var testDescription: String { "\(name) \(attributes)" }

  static let places: [Float] = [
    -12, -6.5, -3, -1.5, -0.75, -0.01, 0, 0.01, 0.5, 1, 2.25, 4, 9,
  ]

  static let all = [
    ActivationExample(
      "Gelu",
      values: [
        -2.13177853449e-32, -2.61040037951e-10, -0.00404969409489, -0.100210801903, -0.169970514283,
        -0.00496010632688, 0.0, 0.0050398934496, 0.345731230637, 0.841344746069, 2.22249493653,
        3.99987331503, 9.0,
      ]),
    ActivationExample(
      "Gelu", ["approximate": .string("tanh")],
      values: [
        0.0, -6.27825877259e-13, -0.00363739208177, -0.10042842302, -0.170039444834,
        -0.00496010633017, 0.0, 0.00503989344631, 0.345714009825, 0.841191990608, 2.2227986701,
        3.99992975405, 9.0,
      ]),
    ActivationExample(
      "Swish",
      values: [
        -7.37300952266e-5, -0.00975768466879, -0.142277619533, -0.27363828571, -0.240615975618,
        -0.00497500009769, 0.0, 0.00502499967879, 0.311229665601, 0.73105857863, 2.03546370398,
        3.92805516015, 8.99888944882,
      ]),
    ActivationExample(
      "Mish",
      values: [
        -7.37303217319e-5, -0.00976500869207, -0.145647461276, -0.298099742167, -0.276494714505,
        -0.00596798432594, 0.0, 0.00603198340576, 0.375245211305, 0.865098388267, 2.20945675766,
        3.99741280698, 8.99999972593,
      ]),
    ActivationExample(
      "Softplus",
      values: [
        6.14419347773e-6, 0.00150231015975, 0.0485873515737, 0.201413277983, 0.386871006115,
        0.688159680619, 0.69314718056, 0.698159680396, 0.97407698418, 1.31326168752, 2.35020655892,
        4.01814992792, 9.00012340219,
      ]),
    ActivationExample(
      "Elu",
      values: [
        -0.999993855788, -0.998496560807, -0.950212931632, -0.776869839852, -0.527633447259,
        -0.00995016602954, 0.0, 0.00999999977648, 0.5, 1.0, 2.25, 4.0, 9.0,
      ]),
    ActivationExample(
      "Selu",
      values: [
        -1.75808854421, -1.75545615088, -1.67056873399, -1.36581435764, -0.927632018735,
        -0.0174933803925, 0.0, 0.0105070099866, 0.525350511074, 1.05070102215, 2.36407729983,
        4.20280408859, 9.45630919933,
      ]),
    ActivationExample(
      "Celu", ["alpha": .int(2)],
      values: [
        -1.99504249565, -1.92245158434, -1.5537396797, -1.05526689452, -0.625421442418,
        -0.00997504139223, 0.0, 0.00999999977648, 0.5, 1.0, 2.25, 4.0, 9.0,
      ]),
    ActivationExample(
      "Softsign",
      values: [
        -0.923076923077, -0.866666666667, -0.75, -0.6, -0.428571428571, -0.0099009898799, 0.0,
        0.0099009898799, 0.333333333333, 0.5, 0.692307692308, 0.8, 0.9,
      ]),
    ActivationExample(
      "Erf",
      values: [
        -1.0, -1.0, -0.999977909503, -0.966105146475, -0.711155633654, -0.0112834153037, 0.0,
        0.0112834153037, 0.520499877813, 0.84270079295, 0.998537283413, 0.999999984583, 1.0,
      ]),
    ActivationExample(
      "HardSigmoid",
      values: [
        0.0, 0.0, 0.0, 0.2, 0.35, 0.498000000045, 0.5, 0.501999999955, 0.6, 0.7, 0.95, 1.0, 1.0,
      ]),
    ActivationExample(
      "HardSwish",
      values: [
        0.0, 0.0, 0.0, -0.375, -0.28125, -0.00498333322232, 0.0, 0.00501666655416, 0.291666666667,
        0.666666666667, 1.96875, 4.0, 9.0,
      ]),
  ]
}

@Suite struct ActivationTests {
  /// Every value to 1e-6 of itself, however small.
  @Test(arguments: ActivationExample.all)
  func `values by the definition`(example: ActivationExample) throws {
    let places = ActivationExample.places
    let node = try OperatorReferenceTests.run(
      example.name, example.attributes, [[places.count]], [places])
    for (i, expected) in example.values.enumerated() {
      let error = abs(Double(node.values[i]) - expected)
      #expect(error <= 1e-6 * abs(expected), "\(places[i]): \(node.values[i])")
    }
  }

  /// The same all over the range: to 1e-6 of the value itself wherever float32 holds that many digits.
  @Test(arguments: [nil, "tanh"])
  func `a Gelu keeps its digits`(approximate: String?) throws {
    let attributes = approximate.map { ["approximate": AttributeValue.string($0)] } ?? [:]
    let x = stride(from: -13, through: 9, by: 0.00173).map { Float($0) }
    let node = try OperatorReferenceTests.run("Gelu", attributes, [[x.count]], [x])
    for (x, y) in zip(x.map(Double.init), node.values) {
      let u = 2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
      let exact =
        approximate == nil ? x * Glibc.erfc(-x / 2.0.squareRoot()) / 2 : x / (1 + Glibc.exp(-u))
      if abs(exact) > 1e-37 { #expect(abs(Double(y) / exact - 1) < 1e-6, "\(x)") }
    }
  }

  /// In double, with the slope at 0.
  static let definitions = [
    Function(name: "Gelu", value: { $0 * Glibc.erfc(-$0 / 2.0.squareRoot()) / 2 }, atZero: 0.5),
    Function(
      name: "Gelu", attributes: ["approximate": .string("tanh")],
      value: {
        let u = (2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)
        return $0 / 2 * (1 + Glibc.tanh(u))
      }, atZero: 0.5),
    Function(name: "Swish", value: { $0 / (1 + Glibc.exp(-$0)) }, atZero: 0.5),
    Function(
      name: "Swish", attributes: ["alpha": .float(-2.5)],
      value: { $0 / (1 + Glibc.exp(2.5 * $0)) }, atZero: 0.5),
    Function(
      name: "Mish", value: { $0 * Glibc.tanh(Glibc.log1p(Glibc.exp($0))) }, atZero: 0.6),
    Function(name: "Softplus", value: { Glibc.log1p(Glibc.exp($0)) }, atZero: 0.5),
    Function(name: "Softsign", value: { $0 / (1 + abs($0)) }, atZero: 1),
    Function(
      name: "Elu", attributes: ["alpha": .float(0.5)],
      value: { $0 > 0 ? $0 : 0.5 * Glibc.expm1($0) }, atZero: 0.5),
    Function(
      name: "Celu", attributes: ["alpha": .float(0.5)],
      value: { $0 > 0 ? $0 : 0.5 * Glibc.expm1(2 * $0) }, atZero: 1),
    Function(name: "Erf", value: { Glibc.erf($0) }, atZero: 1.128_379_2),
    Function(name: "Sin", value: { Glibc.sin($0) }, atZero: 1),
    Function(name: "Cos", value: { Glibc.cos($0) }, atZero: 0),
  ]

  /// Slopes against differences of the definition in double, over the whole range.
  @Test(arguments: definitions)
  func `slopes by the definition`(function: Function) throws {
    let (name, attributes, f) = (function.name, function.attributes, function.value)
    let zero = try OperatorReferenceTests.run(name, attributes, [[1]], [[0]])
    let slope = try #require(try zero.gradients([0], [1])[0])
    #expect(distance(slope, [function.atZero]) < 1e-6)
    let x = stride(from: -25, through: 25, by: 0.0371).map { Float($0) }
    let node = try OperatorReferenceTests.run(name, attributes, [[x.count]], [x])
    let found = try #require(
      try node.gradients([0], [Float](repeating: 1, count: x.count))[0])
    for (x, slope) in zip(x, found) {
      let h = 1e-5
      let expected = (f(Double(x) + h) - f(Double(x) - h)) / (2 * h)
      #expect(abs(Double(slope) - expected) < 1e-6, "\(x)")
    }
  }

  /// The ends of float32 give what the limit is, not NaN.
  @Test(arguments: [
    "Gelu", "Swish", "Mish", "Softplus", "Elu", "Selu", "Celu", "HardSwish", "HardSigmoid",
    "ThresholdedRelu", "Softsign", "Erf", "Clip",
  ])
  func `huge inputs`(name: String) throws {
    let huge: [Float] = [1e30, -1e30, 3e38, -3e38]
    let node = try OperatorReferenceTests.run(name, [:], [[4]], [huge])
    #expect(node.values.allSatisfy { $0.isFinite })
    #expect(try node.gradients([0], [1, 1, 1, 1])[0]?.allSatisfy { $0.isFinite } == true)
    let missing = try OperatorReferenceTests.run(name, [:], [[1]], [[.nan]])
    #expect(missing.values[0].isNaN)
  }

  /// Facts that attributes change: 5 % of the largest slope at the bounds, and values in the range.
  @Test(
    arguments: [
      ("Elu", ["alpha": .float(3)]), ("Elu", ["alpha": .float(0.2)]),
      ("Elu", ["alpha": .float(0.01)]), ("Elu", ["alpha": .float(-2)]),
      ("Selu", ["alpha": .float(0.5), "gamma": .float(2)]), ("Celu", ["alpha": .float(2.5)]),
      ("Gelu", ["approximate": .string("tanh")]), ("Swish", ["alpha": .float(2)]),
      ("Swish", ["alpha": .float(-1.5)]),
      ("HardSigmoid", ["alpha": .float(0.5), "beta": .float(0.25)]),
      ("HardSigmoid", ["alpha": .float(-0.5)]), ("ThresholdedRelu", ["alpha": .float(-2)]),
      ("Clip", ["min": .int(-1), "max": .int(2)]), ("Clip", ["min": .float(0.5)]),
      ("Clip", ["max": .int(3)]),
    ] as [(String, [String: AttributeValue])])
  func `facts under attributes`(name: String, attributes: [String: AttributeValue]) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: 1, outputs: 1)
    let activation = try #require(op.activation)
    let probes = stride(from: -20, through: 20, by: 0.001).map { Float($0) } + [0]
    let node = try OperatorReferenceTests.run(name, attributes, [[probes.count]], [probes])
    let slopes = try #require(
      try node.gradients([0], [Float](repeating: 1, count: probes.count))[0]
    ).map { abs($0) }
    let largest = try #require(slopes.max())
    for (x, (y, slope)) in zip(probes, zip(node.values, slopes)) {
      #expect(Double(y) > activation.range.lowerBound - 1e-6)
      #expect(Double(y) < activation.range.upperBound + 1e-6)
      let low = activation.flatBelow.map { Double(x) < $0 - 0.002 } ?? false
      let high = activation.flatAbove.map { Double(x) > $0 + 0.002 } ?? false
      if low || high {
        #expect(slope < 0.05 * largest, "\(x)")
        if activation.rectifier { #expect(slope == 0, "\(x)") }
      }
    }
    for (bound, inward) in [(activation.flatBelow, 0.003), (activation.flatAbove, -0.003)] {
      guard let bound, name != "Elu" || abs(bound) > 0 else { continue }
      let inside = probes.indices.first { Double(probes[$0]) > bound + inward } ?? 0
      #expect(slopes[inside] > 0.05 * largest, "\(bound)")
    }
  }

  @Test func `a Clip knows its bounds`() throws {
    func facts(_ low: Double?, _ high: Double?) throws -> Activation? {
      let op = try OperatorRegistry.make("Clip", [:], inputs: 3, outputs: 1)
      let bounds = [low, high].map { bound in
        bound.map { Operand(.scalar, batched: false, constant: [$0]) }
      }
      return op.activation([Operand(try Shape([3]))] + bounds)
    }
    #expect(try facts(0, 6) == Activation(flatBelow: 0, flatAbove: 6, range: 0...6))
    #expect(try facts(0, nil) == Relu.info.activation)
    #expect(try facts(nil, 1) == Activation(flatAbove: 1, range: -Double.infinity...1))
    #expect(try facts(2, 1)?.range == 1...1)
    #expect(try facts(nil, nil) == Activation(range: Activation.reals))
    #expect(try facts(.nan, nil) == nil)
  }

  @Test func `a Clip needs known bounds`() throws {
    let op = try OperatorRegistry.make("Clip", [:], inputs: 2, outputs: 1)
    let x = Operand(try Shape([3]))
    #expect(throws: OperatorError.notConstant("the min of a Clip")) {
      try op.outputShapes([x, Operand(.scalar)])
    }
    #expect(throws: OperatorError.self) {
      try op.outputShapes([x, Operand(Shape([2]), constant: [0, 1])])
    }
  }

  @Test func `relu6 is a Clip`() throws {
    let node = try Node(
      OperatorRegistry.make("Clip", [:], inputs: 3, outputs: 1), [[5], [], []],
      [[-1, 0, 3, 6, 7], [0], [6]], [1: [0], 2: [6]])
    #expect(node.values == [0, 0, 3, 6, 6])
    #expect(try node.gradients([0], [1, 1, 1, 1, 1])[0] == [0, 0, 1, 0, 0])
  }

  @Test func `slopes at corners are PyTorch's`() throws {
    for (name, attributes, x, slope) in [
      ("HardSwish", [:], -3, 0), ("HardSwish", [:], 3, 1), ("HardSigmoid", [:], -2.5, 0),
      ("HardSigmoid", [:], 2.5, 0), ("Selu", [:], 0, 1.7580993), ("Celu", [:], 0, 1),
      ("Elu", ["alpha": .int(2)], 0, 2), ("ThresholdedRelu", [:], 1, 0), ("Abs", [:], 0, 0),
      ("Softsign", [:], 0, 1),
    ] as [(String, [String: AttributeValue], Float, Float)] {
      let node = try OperatorReferenceTests.run(name, attributes, [[1]], [[x]])
      let found = try #require(try node.gradients([0], [1])[0])
      #expect(distance(found, [slope]) < 1e-6, "\(name) at \(x)")
    }
  }
}
