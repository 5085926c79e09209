import Tensors

/// All axes before `axis` as one, and all others as another.
struct Flatten: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Flatten", summary: "The axes from one on as a single axis.",
    formula: "y of (Π before axis, Π from axis on)", inputs: 1...1,
    attributes: [AttributeInfo("axis", default: "1", "the first axis of the second part")],
    facts: [
      .affine, .passesValues, .keepsOrder, .passesIds, .forgetsInputs, .forgetsOutputs, .reshapes,
    ],
    samples: [
      GradientSample([[3, 2, 4]]), GradientSample([[0, 2, 4]]), GradientSample([[5]]),
      GradientSample([[3, 2, 4]], attributes: ["axis": .int(-1)]),
      GradientSample([[3, 2, 4]], attributes: ["axis": .int(0)]),
      GradientSample([[]], attributes: ["axis": .int(0)]),
    ])

  let axis: Int

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: 1)
  }

  /// The axis counted from the front, up to and including the rank.
  private func split(_ shape: Shape) -> Int? {
    let split = axis < 0 ? axis.addingReportingOverflow(shape.rank).partialValue : axis
    return (0...shape.rank).contains(split) ? split : nil
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    guard let split = split(x) else {
      throw .attribute("axis", found: "\(axis)", expected: "\(-x.rank) to \(x.rank) for \(x)")
    }
    return [
      try Shape.of([x.dims[..<split].reduce(1, *), x.dims[split...].reduce(1, *)])
    ]
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, let split = split(x.shape), split > 0 else {
      return false
    }
    return x.shape.dims[1..<split].allSatisfy { $0 == 1 }
  }

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { node.outputs[0].copy(x) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(0)?.copy(node.outputGradients[0])
  }
}
