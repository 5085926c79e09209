import Tensors

/// `alpha · A' · B' + beta · C`: the fully connected layer of every framework.
struct Gemm: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Gemm", summary: "Matrix product with an optional addend: a dense layer.",
    formula: "Y = alpha · A' · B' + beta · C", inputs: 2...3,
    attributes: [
      AttributeInfo("alpha", default: "1", "factor of the product"),
      AttributeInfo("beta", default: "1", "factor of C"),
      AttributeInfo("transA", default: "0", "1: A is transposed first"),
      AttributeInfo("transB", default: "0", "1: B is transposed first"),
    ], facts: [.affine, .weighs, .forgetsOutputs], accumulates: true,
    samples: [
      GradientSample([[3, 4], [4, 5], [5]]),
      GradientSample([[3, 4], [5, 4], nil], attributes: ["transB": .int(1)]),
      GradientSample(
        [[4, 3], [4, 5], [3, 1]],
        attributes: ["transA": .int(1), "alpha": .float(0.5), "beta": .float(-2)]),
      GradientSample([[0, 4], [4, 2], [2]]),
    ])

  let alpha: Float
  let beta: Float
  let transA: Bool
  let transB: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    alpha = Float(try attributes.float("alpha", default: 1))
    beta = Float(try attributes.float("beta", default: 1))
    transA = try attributes.flag("transA", default: false)
    transB = try attributes.flag("transB", default: false)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let a = try inputs.required(0).shape
    let b = try inputs.required(1).shape
    guard a.rank == 2, b.rank == 2 else {
      throw .shapes(found: "\(a) times \(b)", expected: "two matrices")
    }
    let (rows, depth) = transA ? (a[1], a[0]) : (a[0], a[1])
    let (height, columns) = transB ? (b[1], b[0]) : (b[0], b[1])
    guard depth == height else {
      throw .shapes(
        found: "\(a)\(transA ? " transposed" : "") times \(b)\(transB ? " transposed" : "")",
        expected: "\(depth) rows in the second factor, as the first has \(depth) columns")
    }
    let output = try Shape.of([rows, columns])
    if let c = inputs.optional(2)?.shape {
      guard let common = Broadcast(output, c), common.shape == output else {
        throw .shapes(found: "an addend of \(c)", expected: "one that broadcasts to \(output)")
      }
    }
    return [output]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { 1 }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let a = inputs.optional(0), let b = inputs.optional(1) else { return false }
    let c = inputs.optional(2)
    let addendFits = c.map { !$0.batched && ($0.shape.rank < 2 || $0.shape[0] == 1) } ?? true
    return a.batched && !transA && !b.batched && addendFits
  }

  /// oneDNN is 3 to 8 % faster with a second factor that it need not transpose.
  var transposedInput: Int? { transB ? 1 : nil }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    let rank = inputs.optional(2)?.shape.rank ?? 1
    return [
      nil, ParameterRole(.kernel, unitAxis: transB ? 0 : 1),
      ParameterRole(.bias, unitAxis: max(0, rank - 1)),
    ]
  }

  func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double {
    guard let a = inputs.optional(0)?.shape, a.rank == 2 else { return 0 }
    return Double(outputs.first?.count ?? 0) * Double(transA ? a[0] : a[1])
  }

  func forward(_ node: Forward) throws(OperatorError) {
    guard let a = node.inputs[0], let b = node.inputs[1] else { return }
    let y = node.outputs[0]
    if let c = node.inputs.optional(2) {
      if isRow(c.shape, of: y.shape) { broadcastRow(c, over: y) } else { broadcast(c, over: y) }
    }
    let right = node.transposed.map { matrix($0) } ?? matrix(b, transB)
    try product(
      matrix(a, transA), right, into: matrix(y), alpha: alpha,
      beta: node.inputs.optional(2) == nil ? 0 : beta)
  }

  func backward(_ node: Backward) throws(OperatorError) {
    guard let a = node.inputs[0], let b = node.inputs[1] else { return }
    let dy = matrix(node.outputGradients[0])
    if let da = node.inputGradients[0] {
      // Y = A'B': dA' = dY·B'ᵀ, and dA is its transpose when A was transposed.
      let (left, right) = transA ? (matrix(b, transB), dy.t) : (dy, matrix(b, transB).t)
      try product(left, right, into: matrix(da), alpha: alpha, beta: node.betas[0])
    }
    if let db = node.inputGradients[1] {
      let (left, right) = transB ? (dy.t, matrix(a, transA)) : (matrix(a, transA).t, dy)
      try product(left, right, into: matrix(db), alpha: alpha, beta: node.betas[1])
    }
    if let dc = node.inputGradients.optional(2) {
      let (slopes, adding) = (node.outputGradients[0], node.betas[2] == 1)
      if isRow(dc.shape, of: slopes.shape) {
        reduceRowsToShape(slopes, into: dc, factor: beta, adding: adding)
      } else {
        reduceToShape(slopes, into: dc, factor: beta, adding: adding)
      }
    }
  }

  private func matrix(_ tensor: Tensor, _ transposed: Bool = false) -> Matrix {
    Matrix(
      tensor.base, rows: tensor.shape[0], columns: tensor.shape[1], transposed: transposed)
  }
}
