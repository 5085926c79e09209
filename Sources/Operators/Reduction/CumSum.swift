import Tensors

/// The sums of all elements up to each one along an axis.
struct CumSum: Operator {
  static let info = OperatorInfo(
    name: "CumSum", summary: "Running sums along an axis.", formula: "y[i] = Σ x[0…i]",
    inputs: 2...2,
    attributes: [
      AttributeInfo("exclusive", default: "0", "1: an element is not part of its own sum"),
      AttributeInfo("reverse", default: "0", "1: the sums run from the end"),
    ],
    facts: [.affine],
    samples: [
      GradientSample([[3, 5], []], constants: [1: [1]]),
      GradientSample([[4, 17], [1]], constants: [1: [0]]),
      GradientSample([[3, 5], []], attributes: ["exclusive": .int(1)], constants: [1: [-1]]),
      GradientSample([[2, 3, 4], []], attributes: ["reverse": .int(1)], constants: [1: [1]]),
      GradientSample(
        [[2, 3, 2], []], attributes: ["reverse": .int(1), "exclusive": .int(1)],
        constants: [1: [1]]),
      GradientSample([[0, 4], []], constants: [1: [1]]),
    ])

  let exclusive: Bool
  let reverse: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    exclusive = try attributes.flag("exclusive", default: false)
    reverse = try attributes.flag("reverse", default: false)
  }

  private func axis(_ inputs: [Operand?]) throws(OperatorError) -> Int {
    let x = try inputs.required(0).shape
    guard let list = try inputs.required(1).integers else {
      throw .notConstant("the axis of a CumSum")
    }
    guard list.count == 1, let axis = list.first.flatMap({ x.axis($0) }) else {
      throw .shapes(found: "the axis \(list)", expected: "one axis of \(x)")
    }
    return axis
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    _ = try axis(inputs)
    return [try inputs.required(0).shape]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    CumSumKernel(axis: try axis(inputs), exclusive: exclusive, reverse: reverse)
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard inputs.optional(0)?.batched == true, let axis = try? axis(inputs) else { return false }
    return axis != 0
  }
}

struct CumSumKernel: Kernel {
  let axis: Int
  let exclusive: Bool
  let reverse: Bool

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { sum(x, into: node.outputs[0], fromEnd: reverse) }
  }

  /// What an element is part of lies on the other side of it.
  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    if let dx = node.inputGradients.optional(0) {
      sum(node.outputGradients[0], into: dx, fromEnd: !reverse)
    }
  }

  private func sum(_ x: Tensor, into y: Tensor, fromEnd: Bool) {
    let (outer, inner) = x.shape.around(axis)
    let length = x.shape[axis]
    guard x.count > 0 else { return }
    for line in 0..<outer {
      let start = line * length * inner
      for i in 0..<length {
        let at = start + (fromEnd ? length - 1 - i : i) * inner
        let before = at + (fromEnd ? inner : -inner)
        let to = y.base + at
        if i == 0 {
          exclusive
            ? to.update(repeating: 0, count: inner)
            : to.update(from: x.base + at, count: inner)
        } else {
          let sum = y.base + before
          let term = x.base + (exclusive ? before : at)
          forEachVector(inner) { to.store($0, sum.vector($0) + term.vector($0)) }
        }
      }
    }
  }
}
