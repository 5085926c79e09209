import Tensors

/// The same elements with the axes in another order.
struct Transpose: Operator {
  static let info = OperatorInfo(
    name: "Transpose", summary: "The axes in another order.",
    formula: "y[i of perm] = x[i]", inputs: 1...1,
    attributes: [
      AttributeInfo("perm", default: "reversed", "for every axis of y, the axis of x it comes from")
    ],
    facts: [.affine, .passesValues, .passesIds, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[3, 4]]), GradientSample([[17, 19]]), GradientSample([[2, 3, 4]]),
      GradientSample([[2, 3, 4]], attributes: ["perm": .ints([0, 2, 1])]),
      GradientSample([[2, 3, 4]], attributes: ["perm": .ints([1, 0, 2])]),
      GradientSample([[2, 3, 2, 2]], attributes: ["perm": .ints([2, 0, 3, 1])]),
      GradientSample([[0, 4]]), GradientSample([[5]]), GradientSample([[]]),
    ])

  let permutation: [Int]?

  init(_ attributes: Attributes) throws(OperatorError) {
    permutation = try attributes.ints("perm")
  }

  /// The permutation for a rank.
  private func order(_ x: Shape) throws(OperatorError) -> [Int] {
    guard let permutation else { return x.dims.indices.reversed() }
    guard permutation.count == x.rank, permutation.sorted() == Array(x.dims.indices) else {
      throw .attribute(
        "perm", found: "\(permutation)", expected: "every axis of \(x) once, from 0 on")
    }
    return permutation
  }

  private func walk(_ x: Shape) throws(OperatorError) -> Walk {
    let (order, steps) = (try order(x), x.steps)
    return Walk(order.map { x[$0] }, steps: order.map { steps[$0] })
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    return [try Shape.of(try order(x).map { x[$0] })]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    WalkKernel(walk: try walk(try inputs.required(0).shape), covers: true)
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    guard let x = inputs.optional(0), let axis = axes.first ?? nil, let order = try? order(x.shape)
    else { return output.rank > 1 ? output.rank - 1 : nil }
    return order.firstIndex(of: axis)
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, let order = try? order(x.shape) else {
      return false
    }
    return order.first == 0
  }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let x = inputs.optional(0), let values = x.constant else { return nil }
    return (try? walk(x.shape))?.pick(values)
  }
}
