import Tensors

/// The matrix product over the last two axes, by the rules of NumPy's `matmul`: leading axes
/// broadcast, and an operand with one axis is a row on the left and a column on the right.
struct MatMul: Operator, Kernel {
  static let info = OperatorInfo(
    name: "MatMul", summary: "Matrix product; leading axes broadcast.", formula: "Y = A · B",
    inputs: 2...2, facts: [.affine, .weighs, .forgetsOutputs], accumulates: true,
    samples: [
      GradientSample([[3, 4], [4, 5]]), GradientSample([[2, 3, 4], [4, 5]]),
      GradientSample([[2, 3, 4], [2, 4, 5]]), GradientSample([[3, 4], [2, 4, 5]]),
      GradientSample([[2, 1, 3, 4], [5, 4, 2]]), GradientSample([[4], [4, 5]]),
      GradientSample([[3, 4], [4]]), GradientSample([[4], [4]]), GradientSample([[2, 3, 4], [4]]),
      GradientSample([[4], [2, 4, 5]]), GradientSample([[0, 4], [4, 2]]),
      GradientSample([[0, 3, 4], [1, 4, 2]]), GradientSample([[3, 0], [0, 2]]),
    ])

  init(_ attributes: Attributes) {}

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let plan = try Plan(try inputs.required(0).shape, try inputs.required(1).shape)
    return [plan.output]
  }

  /// Columns of the product; its rows where a parameter stands on the left of data.
  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    guard let a = inputs.optional(0), let b = inputs.optional(1), output.rank > 0 else {
      return nil
    }
    if !a.batched && b.batched && b.shape.rank > 1 {
      return a.shape.rank > 1 ? output.rank - 2 : nil
    }
    return b.shape.rank > 1 ? output.rank - 1 : nil
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let a = inputs.optional(0), let b = inputs.optional(1), let y = outputs.first else {
      return false
    }
    let rank = max(a.shape.rank, b.shape.rank)
    // Rows of two matrices are samples as long as the right one is none of the data.
    if rank <= 2 { return a.batched && a.shape.rank == 2 && !b.batched }
    // Else axis 0 is one of those that broadcast.
    return [a, b].allSatisfy { operand in
      let leads = operand.shape.rank == rank
      if operand.batched { return leads && operand.shape[0] == y[0] }
      return !leads || operand.shape[0] == 1
    }
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    let ranks = [0, 1].map { inputs.optional($0)?.shape.rank ?? 0 }
    return [
      ParameterRole(.kernel, unitAxis: max(0, ranks[0] - 2)),
      ParameterRole(.kernel, unitAxis: max(0, ranks[1] - 1)),
    ]
  }

  func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double {
    Double(outputs.first?.count ?? 0) * Double(inputs.optional(0)?.shape.dims.last ?? 0)
  }

  func forward(_ node: Forward) throws(OperatorError) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    let plan = try Plan(a.shape, b.shape)
    for step in plan.steps {
      try product(
        plan.left(a, step), plan.right(b, step), into: plan.result(node.outputs[0], step))
    }
  }

  func backward(_ node: Backward) throws(OperatorError) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    let plan = try Plan(a.shape, b.shape)
    let dy = node.outputGradients[0]
    let da = node.inputGradients.optional(0)
    let db = node.inputGradients.optional(1)
    // A matrix that met several others is the sum of what they say.
    let (betaA, betaB) = (
      plan.repeatsLeft ? 1 : node.betas[0], plan.repeatsRight ? 1 : node.betas[1]
    )
    if plan.repeatsLeft && node.betas[0] != 1 { da?.fill(0) }
    if plan.repeatsRight && node.betas[1] != 1 { db?.fill(0) }
    for step in plan.steps {
      let slope = plan.result(dy, step)
      if let da {
        try product(slope, plan.right(b, step).t, into: plan.left(da, step), beta: betaA)
      }
      if let db {
        try product(plan.left(a, step).t, slope, into: plan.right(db, step), beta: betaB)
      }
    }
  }
}

extension MatMul {
  /// The products of matrices that make up one node.
  struct Plan {
    let output: Shape
    /// The offsets of the matrices of each product.
    private(set) var steps: [(left: Int, right: Int, result: Int)] = []
    /// Whether a matrix of the left operand is part of several products, or may be of none.
    let repeatsLeft: Bool
    /// The same on the right.
    let repeatsRight: Bool
    private let rows: Int
    private let depth: Int
    private let columns: Int

    init(_ a: Shape, _ b: Shape) throws(OperatorError) {
      let depth = a.dims.last ?? 0
      let height = b.rank > 1 ? b[b.rank - 2] : b.dims.first ?? 0
      guard a.rank > 0, b.rank > 0, depth == height else {
        throw .shapes(
          found: "\(a) times \(b)",
          expected: a.rank == 0 || b.rank == 0
            ? "no scalars" : "\(depth) rows on the right, as there are \(depth) columns on the left"
        )
      }
      let above = try Shape.of(a.dims.dropLast(2))
      let beside = try Shape.of(b.dims.dropLast(2))
      guard let batch = Broadcast(above, beside) else {
        throw .shapes(found: "\(a) times \(b)", expected: "leading axes that broadcast")
      }
      let lines = a.rank > 1 ? a[a.rank - 2] : 1
      columns = b.rank > 1 ? b[b.rank - 1] : 1
      self.depth = depth
      output = try Shape.of(
        batch.shape.dims + (a.rank > 1 ? [lines] : []) + (b.rank > 1 ? [columns] : []))
      guard beside.rank > 0 else {
        // One matrix on the right: all rows of the left are one tall matrix.
        rows = above.count * lines
        (repeatsLeft, repeatsRight) = (false, false)
        steps = [(0, 0, 0)]
        return
      }
      rows = lines
      repeatsLeft = above != batch.shape
      repeatsRight = beside != batch.shape
      let (columns, steps) = (columns, batch.innerSteps)
      let width = batch.shape.dims.last ?? 1
      var found: [(left: Int, right: Int, result: Int)] = []
      batch.forEachRow { result, left, right in
        for i in 0..<width {
          found.append(
            (
              (left + i * steps.left) * lines * depth,
              (right + i * steps.right) * depth * columns, (result + i) * lines * columns
            ))
        }
      }
      self.steps = found
    }

    func left(_ tensor: Tensor, _ step: (left: Int, right: Int, result: Int)) -> Matrix {
      Matrix(tensor.base + step.left, rows: rows, columns: depth)
    }

    func right(_ tensor: Tensor, _ step: (left: Int, right: Int, result: Int)) -> Matrix {
      Matrix(tensor.base + step.right, rows: depth, columns: columns)
    }

    func result(_ tensor: Tensor, _ step: (left: Int, right: Int, result: Int)) -> Matrix {
      Matrix(tensor.base + step.result, rows: rows, columns: columns)
    }
  }
}
