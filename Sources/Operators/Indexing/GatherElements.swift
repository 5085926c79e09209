import Tensors

/// One element of the data for every index, which stands at the place of the result.
struct GatherElements: Operator {
  static let info = OperatorInfo(
    name: "GatherElements", summary: "The element that each index points at along an axis.",
    formula: "y[i, j] = x[index[i, j], j] for axis 0", inputs: 2...2,
    attributes: [AttributeInfo("axis", default: "0", "the axis that the indices count along")],
    facts: [.affine, .takesIndices],
    samples: [
      GradientSample([[3, 4], [2, 4]], constants: [1: [0, 1, -1, 2, 2, 2, 0, -3]]),
      GradientSample(
        [[2, 3], [2, 2]], attributes: ["axis": .int(1)], constants: [1: [2, 2, -2, 0]]),
      GradientSample(
        [[2, 3, 2], [2, 1, 1]], attributes: ["axis": .int(-2)], constants: [1: [2, 0]]),
      GradientSample([[3, 4], [0, 4]], constants: [1: []]),
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
    guard indices.shape.rank == data.rank,
      data.dims.indices.allSatisfy({ $0 == axis || indices.shape[$0] <= data[$0] })
    else {
      throw .shapes(
        found: "indices of \(indices.shape) into \(data)",
        expected: "as many axes, none longer but axis \(axis)")
    }
    try check(indices, on: data[axis])
    return [indices.shape]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    let data = try inputs.required(0).shape
    let indices = try inputs.required(1)
    let axis = data.axis(axis) ?? 0
    var steps = data.steps
    let step = steps[axis]
    steps[axis] = 0
    return GatherElementsKernel(
      walk: Walk(indices.shape.dims, steps: steps), step: step, length: data[axis],
      batched: indices.batched)
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let data = inputs.optional(0), let indices = inputs.optional(1),
      let axis = data.shape.axis(axis)
    else { return false }
    return axis != 0 && data.batched && indices.batched && data.shape[0] == indices.shape[0]
  }
}

struct GatherElementsKernel: Kernel {
  /// From every index to the element at place 0 of its line.
  let walk: Walk
  /// From a place of a line to the next.
  let step: Int
  let length: Int
  let batched: Bool

  func forward(_ node: Forward) throws(OperatorError) {
    guard let x = node.inputs.optional(0), let indices = node.inputs.optional(1) else { return }
    try check(indices, on: length, batched: batched)
    let y = node.outputs[0].base
    forEach(indices) { y[$0] = x.base[$1] }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    guard let dx = node.inputGradients.optional(0), let indices = node.inputs.optional(1) else {
      return
    }
    dx.fill(0)
    let dy = node.outputGradients[0].base
    forEach(indices) { dx.base[$1] += dy[$0] }
  }

  @inline(__always)
  private func forEach(_ indices: Tensor, _ body: (_ result: Int, _ place: Int) -> Void) {
    walk.forEachRun { count, result, resultStep, start, along in
      for i in 0..<count {
        let at = result + i * resultStep
        if let place = place(indices.base[at], on: length) {
          body(at, start + i * along + place * step)
        }
      }
    }
  }
}
