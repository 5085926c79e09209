import Tensors

/// Rows of the data along an axis, one an index. With a parameter as the data it is an embedding.
struct Gather: Operator {
  static let info = OperatorInfo(
    name: "Gather", summary: "What indices point at along an axis: an embedding.",
    formula: "y[…, i, …] = x[…, index i, …]", inputs: 2...2,
    attributes: [AttributeInfo("axis", default: "0", "the axis that the indices count along")],
    facts: [.affine, .takesIndices, .looksUpRows, .forgetsOutputs],
    samples: [
      GradientSample([[5, 3], [4]], constants: [1: [0, 4, -5, 4]]),
      GradientSample([[3, 17], [2, 2]], constants: [1: [2, 0, -1, 2]]),
      GradientSample([[3, 4, 2], []], attributes: ["axis": .int(1)], constants: [1: [-1]]),
      GradientSample(
        [[2, 5], [1, 3]], attributes: ["axis": .int(-1)], constants: [1: [3, 3, 0]]),
      GradientSample([[3, 2], [0]], constants: [1: []]),
      GradientSample([[0, 4], [2]], attributes: ["axis": .int(1)], constants: [1: [0, 1]]),
    ])

  let axis: Int

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: 0)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let data = try inputs.required(0).shape
    let indices = try inputs.required(1)
    guard let axis = data.axis(axis) else {
      throw .attribute("axis", found: "\(self.axis)", expected: "an axis of \(data)")
    }
    try check(indices, on: data[axis])
    return [
      try Shape.of(Array(data.dims[..<axis]) + indices.shape.dims + data.dims[(axis + 1)...])
    ]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    GatherKernel(
      axis: try inputs.required(0).shape.axis(axis) ?? 0, batched: try inputs.required(1).batched)
  }

  /// The axis of the data, moved by the indices; embedded, the units are the last axis.
  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    guard let data = inputs.optional(0), let indices = inputs.optional(1),
      let axis = data.shape.axis(axis), output.rank > 0
    else { return nil }
    guard let unit = axes.first ?? nil ?? (data.shape.rank > 1 ? data.shape.rank - 1 : nil),
      unit != axis
    else { return output.rank > 1 ? output.rank - 1 : nil }
    return unit < axis ? unit : unit - 1 + indices.shape.rank
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let data = inputs.optional(0), let indices = inputs.optional(1),
      let axis = data.shape.axis(axis)
    else { return false }
    if data.batched { return axis != 0 && !indices.batched }
    return axis == 0 && indices.batched && indices.shape.rank > 0
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    let rank = inputs.optional(0)?.shape.rank ?? 1
    return [ParameterRole(.kernel, unitAxis: max(0, rank - 1)), nil]
  }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let data = inputs.optional(0), let values = data.constant,
      let axis = data.shape.axis(axis),
      let indices = inputs.optional(1)?.constant, values.count == data.shape.count
    else { return nil }
    let (outer, inner) = data.shape.around(axis)
    var result: [Double] = []
    for line in 0..<outer {
      for index in indices {
        guard let place = place(Float(index), on: data.shape[axis]) else { return nil }
        let start = (line * data.shape[axis] + place) * inner
        result += values[start..<(start + inner)]
      }
    }
    return result
  }
}

struct GatherKernel: Kernel {
  let axis: Int
  let batched: Bool

  func forward(_ node: Forward) throws(OperatorError) {
    guard let data = node.inputs.optional(0), let indices = node.inputs.optional(1) else { return }
    try check(indices, on: data.shape[axis], batched: batched)
    forEach(data, indices, node.outputs[0]) { x, y, count in y.update(from: x, count: count) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    guard let indices = node.inputs.optional(1), let dx = node.inputGradients.optional(0) else {
      return
    }
    dx.fill(0)
    forEach(dx, indices, node.outputGradients[0]) { x, y, count in
      forEachVector(count) { x.store($0, x.vector($0) + y.vector($0)) }
    }
  }

  /// Calls `body` with the block of the data and that of the output for every index.
  @inline(__always)
  private func forEach(
    _ data: Tensor, _ indices: Tensor, _ output: Tensor,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    let (outer, inner) = data.shape.around(axis)
    let length = data.shape[axis]
    var y = output.base
    for line in 0..<outer {
      for i in 0..<indices.count {
        if let place = place(indices.base[i], on: length) {
          body(data.base + (line * length + place) * inner, y, inner)
        }
        y += inner
      }
    }
  }
}
