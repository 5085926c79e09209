import Tensors

/// A line of as many elements as there are classes for every index: `on` at the index, `off`
/// elsewhere. An index outside, negative ones counted from the end, leaves a line of `off`.
struct OneHot: Operator {
  static let info = OperatorInfo(
    name: "OneHot", summary: "Indices as lines with one element set.",
    formula: "y[…, c] = on where c = index, else off", inputs: 3...3,
    attributes: [AttributeInfo("axis", default: "-1", "where the classes lie in the result")],
    facts: [.affine],
    samples: [
      GradientSample([[4], [], [2]], constants: [0: [0, 2, -1, 7], 1: [3]]),
      GradientSample(
        [[2, 3], [1], [2]], attributes: ["axis": .int(0)],
        constants: [0: [0, 1, 2, 3, -4, 0.5], 1: [4]]),
      GradientSample(
        [[2, 2], [], [2]], attributes: ["axis": .int(1)], constants: [0: [0, 1, 1, 0], 1: [2]]),
      GradientSample([[0], [], [2]], constants: [0: [], 1: [3]]),
    ])

  let axis: Int

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: -1)
  }

  /// The shape of the result and the place of the classes in it.
  private func result(_ inputs: [Operand?]) throws(OperatorError) -> (shape: Shape, axis: Int) {
    let indices = try inputs.required(0).shape
    guard let depth = try inputs.required(1).integers else {
      throw .notConstant("the depth of a OneHot")
    }
    guard depth.count == 1, let depth = depth.first, depth >= 0,
      try inputs.required(2).shape.dims == [2]
    else {
      throw .shapes(
        found: "depth \(depth), values of \(try inputs.required(2).shape)",
        expected: "one number, and two values")
    }
    let axis = axis < 0 ? axis.addingReportingOverflow(indices.rank + 1).partialValue : axis
    guard (0...indices.rank).contains(axis) else {
      throw .attribute("axis", found: "\(self.axis)", expected: "one of \(indices.rank + 1) axes")
    }
    var dims = indices.dims
    dims.insert(depth, at: axis)
    return (try Shape.of(dims), axis)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try result(inputs).shape]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    OneHotKernel(axis: try result(inputs).axis)
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    (try? result(inputs))?.axis
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let indices = inputs.optional(0), let result = try? result(inputs) else { return false }
    return indices.batched && inputs.optional(2)?.batched == false && result.axis > 0
  }
}

struct OneHotKernel: Kernel {
  let axis: Int

  func forward(_ node: Forward) {
    guard let indices = node.inputs.optional(0), let values = node.inputs.optional(2) else {
      return
    }
    let y = node.outputs[0]
    y.fill(values.base[0])
    forEachSet(indices, y) { y.base[$0] = values.base[1] }
  }

  func backward(_ node: Backward) {
    for gradient in node.inputGradients.prefix(2) { gradient?.fill(0) }
    guard let indices = node.inputs.optional(0), let dv = node.inputGradients.optional(2) else {
      return
    }
    let dy = node.outputGradients[0]
    var (all, on) = (0.0, 0.0)
    for i in 0..<dy.count { all += Double(dy.base[i]) }
    forEachSet(indices, dy) { on += Double(dy.base[$0]) }
    dv.base[0] = Float(all - on)
    dv.base[1] = Float(on)
  }

  private func forEachSet(_ indices: Tensor, _ y: Tensor, _ body: (Int) -> Void) {
    let inner = y.shape.around(axis).inner
    let depth = y.shape[axis]
    for i in 0..<indices.count {
      guard let place = place(indices.base[i], on: depth) else { continue }
      body((i / inner * depth + place) * inner + i % inner)
    }
  }
}
