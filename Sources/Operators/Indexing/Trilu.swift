import Tensors

/// The upper or the lower triangle of the last two axes, with zeros elsewhere.
struct Trilu: Operator {
  static let info = OperatorInfo(
    name: "Trilu", summary: "A triangle of the last two axes.",
    formula: "y[i, j] = x[i, j] where j ≥ i + k (upper) or j ≤ i + k (lower), else 0",
    inputs: 1...2,
    attributes: [AttributeInfo("upper", default: "1", "0: the lower triangle")],
    facts: [.affine, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[3, 4]]), GradientSample([[4, 3]], attributes: ["upper": .int(0)]),
      GradientSample([[2, 3, 3], []], constants: [1: [1]]),
      GradientSample([[2, 3, 3], [1]], attributes: ["upper": .int(0)], constants: [1: [-1]]),
      GradientSample([[3, 3], []], constants: [1: [0x1p63]]),
      GradientSample([[0, 4]]), GradientSample([[2, 3, 0]]),
    ])

  let upper: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    upper = try attributes.flag("upper", default: true)
  }

  private func diagonal(_ inputs: [Operand?]) throws(OperatorError) -> Int {
    guard let list = try inputs.numbers(1, "the diagonal of a Trilu") else { return 0 }
    guard list.count == 1, let k = list.first else {
      throw .shapes(found: "the diagonal \(list)", expected: "one number")
    }
    return k
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    guard x.rank > 1 else { throw .shapes(found: "\(x)", expected: "at least two axes") }
    _ = try diagonal(inputs)
    return [x]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    TriluKernel(upper: upper, diagonal: try diagonal(inputs))
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0) else { return false }
    return x.batched && x.shape.rank > 2
  }
}

struct TriluKernel: Kernel {
  let upper: Bool
  let diagonal: Int

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { keep(x, into: node.outputs[0]) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    if let dx = node.inputGradients.optional(0) { keep(node.outputGradients[0], into: dx) }
  }

  private func keep(_ x: Tensor, into y: Tensor) {
    let (rows, columns) = (x.shape[x.shape.rank - 2], x.shape[x.shape.rank - 1])
    guard x.count > 0 else { return }
    for line in 0..<(x.count / columns) {
      let (middle, overflow) = (line % rows).addingReportingOverflow(diagonal)
      // The first column of the upper part, or the first after the lower one.
      let (next, past) = middle.addingReportingOverflow(upper ? 0 : 1)
      let cut = overflow || past ? columns : min(max(next, 0), columns)
      let kept = upper ? cut..<columns : 0..<cut
      let (from, to) = (x.base + line * columns, y.base + line * columns)
      to.update(repeating: 0, count: columns)
      (to + kept.lowerBound).update(from: from + kept.lowerBound, count: kept.count)
    }
  }
}
