import Tensors

/// The same elements with more axes, of length 1, at the places in the result that are named.
struct Unsqueeze: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Unsqueeze", summary: "Axes of length 1 put in.", formula: "y = x", inputs: 1...2,
    attributes: [AttributeInfo("axes", default: "input 1", "older form: the axes of the result")],
    facts: [
      .affine, .passesValues, .keepsOrder, .passesIds, .forgetsInputs, .forgetsOutputs, .reshapes,
    ],
    samples: [
      GradientSample([[3, 4], [1]], constants: [1: [1]]),
      GradientSample([[3, 4], [2]], constants: [1: [-1, 0]]),
      GradientSample([[3]], attributes: ["axes": .ints([1, 2])]),
      GradientSample([[], [1]], constants: [1: [0]]),
      GradientSample([[0, 2], [1]], constants: [1: [2]]),
    ])

  private let given: [Int]?

  init(_ attributes: Attributes) throws(OperatorError) { given = try attributes.ints("axes") }

  /// The new axes.
  private func axes(_ inputs: [Operand?]) throws(OperatorError) -> [Int] {
    let x = try inputs.required(0).shape
    guard let list = try inputs.numbers(1, "the axes of an Unsqueeze") ?? given else {
      throw .shapes(found: "no axes", expected: "a list of them")
    }
    return try x.axes(list, rank: x.rank + list.count)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let axes = try axes(inputs)
    let x = try inputs.required(0).shape
    var old = x.dims.makeIterator()
    return [
      try Shape.of((0..<(x.rank + axes.count)).map { axes.contains($0) ? 1 : old.next() ?? 1 })
    ]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    guard let unit = axes.first ?? nil, let new = try? self.axes(inputs) else {
      return output.rank > 1 ? output.rank - 1 : nil
    }
    let old = (0..<output.rank).filter { !new.contains($0) }
    return old.indices.contains(unit) ? old[unit] : nil
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard inputs.optional(0)?.batched == true, let axes = try? axes(inputs) else { return false }
    return !axes.contains(0)
  }

  func constant(_ inputs: [Operand?]) -> [Double]? { inputs.optional(0)?.constant }

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { node.outputs[0].copy(x) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(0)?.copy(node.outputGradients[0])
    node.inputGradients.optional(1)?.fill(0)
  }
}
