import Tensors

/// A tensor repeated up to a shape, which must be known before any data.
///
/// As with Reshape, a written batch size that does not fit follows the batch. Write 1 for axis 0 of
/// data: it keeps the length under every batch size.
struct Expand: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Expand", summary: "A tensor repeated up to a shape.",
    formula: "y = x broadcast against a shape", inputs: 2...2,
    facts: [.affine, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[3, 1], [2]], constants: [1: [1, 5]]),
      GradientSample([[3, 1, 2], [3]], constants: [1: [1, 18, 1]]),
      GradientSample([[4], [3]], constants: [1: [2, 3, 4]]),
      GradientSample([[2, 3], [2]], constants: [1: [1, 1]]),
      GradientSample([[], [1]], constants: [1: [3]]),
      GradientSample([[0, 1], [2]], constants: [1: [1, 4]]),
      GradientSample([[3, 1], [2]], constants: [1: [1, 0]]),
    ])

  init(_ attributes: Attributes) {}

  private func wanted(_ inputs: [Operand?]) throws(OperatorError) -> [Int] {
    guard let wanted = try inputs.required(1).integers else {
      throw .notConstant("the shape of an Expand")
    }
    return wanted
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0)
    var dims = try wanted(inputs)
    let given = dims
    if x.batched, dims.count == x.shape.rank, let first = dims.first, first > 1, x.shape[0] != 1 {
      dims[0] = x.shape[0]
    }
    guard let common = Broadcast(x.shape, try Shape.of(dims)) else {
      throw .shapes(found: "\(x.shape) expanded to \(given)", expected: "shapes that broadcast")
    }
    return [common.shape]
  }

  /// Only a length of 1 leaves axis 0 as it is under every batch size.
  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, let y = outputs.first, y.rank == x.shape.rank,
      let wanted = try? wanted(inputs)
    else { return false }
    return wanted.count < y.rank || wanted.first == 1
  }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let x = inputs.optional(0), let values = x.constant, values.count == x.shape.count,
      let y = try? outputShapes(inputs).first, y.count <= constantLimit,
      let common = Broadcast(y, x.shape)
    else { return nil }
    return Walk(y.dims, steps: common.right).pick(values)
  }

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { broadcast(x, over: node.outputs[0]) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    if let dx = node.inputGradients.optional(0) { reduceToShape(node.outputGradients[0], into: dx) }
  }
}
