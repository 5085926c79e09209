import Tensors

/// A value written in the graph itself, such as the shape of a Reshape.
struct Constant: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Constant", summary: "Values written in the graph.", formula: "y = value",
    inputs: 0...0,
    attributes: [
      AttributeInfo("value_int", default: "none", "a scalar"),
      AttributeInfo("value_ints", default: "none", "a list"),
      AttributeInfo("value_float", default: "none", "a scalar"),
      AttributeInfo("value_floats", default: "none", "a list"),
    ],
    facts: [.affine],
    samples: [
      GradientSample([], attributes: ["value_int": .int(3)]),
      GradientSample([], attributes: ["value_ints": .ints([-1, 784])]),
      GradientSample([], attributes: ["value_float": .float(0.5)]),
      GradientSample([], attributes: ["value_floats": .floats([])]),
    ])

  let values: [Double]
  let scalar: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    let given = attributes.values.keys.sorted()
    guard given.count == 1, let name = given.first else {
      throw .attribute(
        given.first ?? "value_ints", found: given.isEmpty ? "missing" : "one of \(given.count)",
        expected: "exactly one of \(Self.info.attributes.map(\.name).joined(separator: ", "))")
    }
    scalar = name == "value_int" || name == "value_float"
    switch name {
    case "value_int": values = [Double(try attributes.int(name, default: 0))]
    case "value_ints": values = (try attributes.ints(name) ?? []).map(Double.init)
    case "value_float": values = [try attributes.float(name, default: 0)]
    default: values = try attributes.floats(name) ?? []
    }
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try Shape.of(scalar ? [] : [values.count])]
  }

  func constant(_ inputs: [Operand?]) -> [Double]? { values }

  func forward(_ node: Forward) {
    for (i, value) in values.enumerated() { node.outputs[0].base[i] = Float(value) }
  }

  func backward(_ node: Backward) {}
}
