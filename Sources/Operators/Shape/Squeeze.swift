import Tensors

/// The same elements without axes of length 1. Without a list of axes all of that length go, but for
/// axis 0 of a batch: a batch of one sample is a batch.
struct Squeeze: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Squeeze", summary: "Axes of length 1 taken away.", formula: "y = x", inputs: 1...2,
    attributes: [AttributeInfo("axes", default: "input 1, or all", "older form: which axes")],
    facts: [
      .affine, .passesValues, .keepsOrder, .passesIds, .forgetsInputs, .forgetsOutputs, .reshapes,
    ],
    samples: [
      GradientSample([[3, 1, 4, 1]]), GradientSample([[1, 1]]),
      GradientSample([[3, 1, 4, 1], [1]], constants: [1: [-1]]),
      GradientSample([[1, 3, 1]], attributes: ["axes": .ints([0, 2])]),
      GradientSample([[0, 1, 2], [1]], constants: [1: [1]]),
    ])

  private let given: [Int]?

  init(_ attributes: Attributes) throws(OperatorError) { given = try attributes.ints("axes") }

  /// The axes that go.
  private func axes(_ inputs: [Operand?]) throws(OperatorError) -> [Int] {
    let x = try inputs.required(0)
    guard let list = try inputs.numbers(1, "the axes of a Squeeze") ?? given else {
      return x.shape.dims.indices.filter { x.shape[$0] == 1 && !($0 == 0 && x.batched) }
    }
    let axes = try x.shape.axes(list)
    guard axes.allSatisfy({ x.shape[$0] == 1 }) else {
      throw .shapes(found: "\(x.shape) squeezed along \(list)", expected: "lengths of 1 there")
    }
    return axes
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let axes = try axes(inputs)
    let x = try inputs.required(0).shape
    return [try Shape.of(x.dims.indices.filter { !axes.contains($0) }.map { x[$0] })]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    let last = output.rank > 1 ? output.rank - 1 : nil
    guard let unit = axes.first ?? nil, let gone = try? self.axes(inputs), !gone.contains(unit)
    else { return last }
    return unit - gone.filter { $0 < unit }.count
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard inputs.optional(0)?.batched == true, let axes = try? axes(inputs) else { return false }
    return !axes.contains(0) && outputs.first.map { $0.rank > 0 } == true
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
