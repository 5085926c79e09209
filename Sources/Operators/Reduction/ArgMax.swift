import Tensors

/// The index of the largest element along an axis. It is constant wherever it has a slope: its
/// gradient is zero.
struct ArgMax: Operator, Kernel {
  static let info = OperatorInfo(
    name: "ArgMax", summary: "The index of the largest element along an axis.",
    formula: "y = the i of the largest x[i]", inputs: 1...1,
    attributes: [
      AttributeInfo("axis", default: "0", "the axis that is searched"),
      AttributeInfo("keepdims", default: "1", "0: the axis goes; 1: it keeps length 1"),
      AttributeInfo("select_last_index", default: "0", "1: the last of several equal ones"),
    ],
    samples: [
      GradientSample([[3, 4]], attributes: ["axis": .int(1)], range: -50...50),
      GradientSample([[4, 3]], attributes: ["keepdims": .int(0)], range: -50...50),
      GradientSample(
        [[2, 3, 3]], attributes: ["axis": .int(-2), "select_last_index": .int(1)], range: -50...50),
      GradientSample([[0, 4]], attributes: ["axis": .int(1)]),
    ])

  let axis: Int
  let keeps: Bool
  let last: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: 0)
    keeps = try attributes.flag("keepdims", default: true)
    last = try attributes.flag("select_last_index", default: false)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    guard let axis = x.axis(axis), x[axis] > 0 else {
      throw .attribute("axis", found: "\(self.axis)", expected: "an axis of \(x) that has elements")
    }
    let before = Array(x.dims[..<axis])
    return [try Shape.of(before + (keeps ? [1] : []) + x.dims[(axis + 1)...])]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    output.rank > 1 ? output.rank - 1 : nil
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, let axis = x.shape.axis(axis) else { return false }
    return axis != 0
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0), let axis = x.shape.axis(axis) else { return }
    let (outer, inner) = x.shape.around(axis)
    let length = x.shape[axis]
    for line in 0..<(outer * inner) {
      let start = x.base + (line / inner * length * inner + line % inner)
      var best = 0
      for i in 1..<max(1, length) {
        let (value, top) = (start[i * inner], start[best * inner])
        if value > top || (last && value == top) { best = i }
      }
      node.outputs[0].base[line] = Float(best)
    }
  }

  func backward(_ node: Backward) { node.inputGradients.optional(0)?.fill(0) }
}
