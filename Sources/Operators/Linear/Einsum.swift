import Tensors

/// Products summed over named axes, of one operand or two: transposition, sums, diagonals, and every
/// batch of matrix products. Axes under an ellipsis, and axes of length 1, broadcast.
struct Einsum: Operator {
  static let info = OperatorInfo(
    name: "Einsum", summary: "Products summed over named axes.",
    formula: "y[output labels] = Σ a[labels] · b[labels]", inputs: 1...2,
    attributes: [
      AttributeInfo("equation", default: "required", "labels of the axes, such as bij,bjk->bik")
    ],
    facts: [.affine, .forgetsOutputs],
    samples: [
      ("ij->ji", [[3, 4]]), ("ij->i", [[3, 4]]), ("...ii->...i", [[2, 3, 3]]), ("ij->", [[3, 4]]),
      ("ijj->j", [[2, 3, 3]]), ("ij,jk->ik", [[3, 4], [4, 5]]), ("ij,jk->ki", [[3, 4], [4, 5]]),
      ("ij,kj", [[3, 4], [5, 4]]), ("bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]),
      ("bqhd,bkhd->bhqk", [[2, 3, 2, 4], [2, 5, 2, 4]]),
      ("bhqk,bkhd->bqhd", [[2, 2, 3, 5], [2, 5, 2, 4]]), ("bi,bi->b", [[3, 4], [3, 4]]),
      ("bi,bi->bi", [[3, 4], [3, 4]]), ("i,j->ij", [[3], [4]]),
      ("abc,cde->abde", [[3, 2, 4], [4, 2, 3]]),
      ("bic,cj->bj", [[3, 2, 4], [4, 5]]), ("...ij,...jk->...ik", [[3, 1, 2, 4], [5, 4, 2]]),
      ("ij,jk->ik", [[3, 1], [4, 5]]), ("b...,b...->b", [[3, 2, 2], [3, 2, 2]]),
      (" b i , i -> b ", [[0, 4], [4]]), (",i->i", [[], [3]]),
    ].map { GradientSample($0.1, attributes: ["equation": .string($0.0)]) })

  let equation: EinsumEquation

  init(_ attributes: Attributes) throws(OperatorError) {
    guard let given = attributes.values["equation"] else {
      throw .attribute("equation", found: "missing", expected: "labels such as ij,jk->ik")
    }
    guard case .string(let text) = given, let equation = EinsumEquation(text) else {
      throw .attribute("equation", found: "\(given)", expected: "labels such as ij,jk->ik")
    }
    guard equation.inputs.count <= 2 else {
      throw .attribute(
        "equation", found: "\(given)", expected: "at most two operands: chain several nodes")
    }
    self.equation = equation
  }

  private func plan(_ inputs: [Operand?]) throws(OperatorError) -> EinsumPlan {
    var shapes: [Shape] = []
    for index in inputs.indices { shapes.append(try inputs.required(index).shape) }
    return try EinsumPlan(equation, shapes)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try plan(inputs).output]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    try EinsumKernel(try plan(inputs))
  }

  /// The last axis that a parameter brings, or the unit axis of an operand under the same label.
  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    guard let plan = try? plan(inputs), output.rank > 0 else { return nil }
    if inputs.contains(where: { $0?.batched == true }) {
      for (index, input) in inputs.enumerated() where input?.batched == false {
        return plan.outputLabels.lastIndex { plan.labels[index].contains($0) }
          ?? (output.rank > 1 ? output.rank - 1 : nil)
      }
    }
    for (labels, axis) in Swift.zip(plan.labels, axes) {
      if let axis, labels.indices.contains(axis),
        let place = plan.outputLabels.firstIndex(of: labels[axis])
      {
        return place
      }
    }
    return output.rank > 1 ? output.rank - 1 : nil
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let plan = try? plan(inputs), let sample = plan.outputLabels.first, let y = outputs.first
    else { return false }
    return inputs.enumerated().allSatisfy { index, input in
      guard let input else { return false }
      let axes = plan.labels[index].indices.filter { plan.labels[index][$0] == sample }
      return input.batched
        ? axes == [0] && input.shape[0] == y[0] : axes.allSatisfy { input.shape[$0] == 1 }
    }
  }

  func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double {
    guard inputs.count > 1, let plan = try? plan(inputs) else { return 0 }
    return [plan.batch, plan.rows, plan.depth, plan.columns].reduce(1) { $0 * Double($1) }
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    let plan = try? plan(inputs)
    return inputs.enumerated().map { index, input in
      guard let labels = plan?.labels[index], let input, input.shape.rank > 0 else { return nil }
      let last = plan?.outputLabels.last { labels.contains($0) }
      let axis = last.flatMap { labels.firstIndex(of: $0) }
      return ParameterRole(.kernel, unitAxis: axis ?? input.shape.rank - 1)
    }
  }
}
