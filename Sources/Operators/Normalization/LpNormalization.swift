import Tensors

/// Lines along an axis divided by their norm; a line of zeros stays as it is.
struct LpNormalization: Operator {
  static let info = OperatorInfo(
    name: "LpNormalization", summary: "Lines along an axis divided by their norm.",
    formula: "y = x / (Σ |x|^p)^(1/p)", inputs: 1...1,
    attributes: [
      AttributeInfo("axis", default: "-1", "the axis of the sum"),
      AttributeInfo("p", default: "2", "1: sum of magnitudes, 2: root of the sum of squares"),
    ],
    facts: [.normalizes],
    samples: [
      GradientSample([[3, 5]], kinks: [0]),
      GradientSample([[2, 18]], attributes: ["p": .int(1)], kinks: [0]),
      GradientSample([[3, 4, 2]], attributes: ["axis": .int(1)], kinks: [0]),
      GradientSample([[4, 3]], attributes: ["axis": .int(0), "p": .int(1)], kinks: [0]),
      GradientSample([[0, 4]]), GradientSample([[3, 0]]),
    ])

  let axis: Int
  let square: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: -1)
    let p = try attributes.int("p", default: 2)
    guard p == 1 || p == 2 else { throw .attribute("p", found: "\(p)", expected: "1 or 2") }
    square = p == 2
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    guard x.axis(axis) != nil else {
      throw .attribute("axis", found: "\(axis)", expected: "an axis of \(x)")
    }
    return [x]
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, let axis = x.shape.axis(axis) else { return false }
    return axis != 0
  }

  func normalizedGroup(_ inputs: [Operand?]) -> NormalizedGroup? {
    guard let shape = inputs.optional(0)?.shape, let axis = shape.axis(axis) else { return nil }
    return NormalizedGroup(values: shape[axis], isCentred: false)
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    let x = try inputs.required(0).shape
    let axis = x.axis(axis) ?? 0
    let (outer, inner) = x.around(axis)
    return LpNormalizationKernel(outer: outer, length: x[axis], inner: inner, square: square)
  }
}

/// Both directions over lines of `length` elements that lie `inner` apart.
private struct LpNormalizationKernel: Kernel {
  let outer: Int
  let length: Int
  let inner: Int
  let square: Bool

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    let y = node.outputs[0]
    forEachLine { line in
      let norm = norm(x, line)
      for i in line { y.base[i] = norm == 0 ? 0 : Float(Double(x.base[i]) / norm) }
    }
  }

  /// dx = (dy − s · Σ dy · y) / norm, where s is y for p = 2 and the sign of x for p = 1.
  func backward(_ node: Backward) {
    guard let x = node.inputs.optional(0), let dx = node.inputGradients.optional(0) else { return }
    let (y, dy) = (node.outputs[0].base, node.outputGradients[0].base)
    forEachLine { line in
      let norm = norm(x, line)
      let sum = line.reduce(0.0) { $0 + Double(dy[$1]) * Double(y[$1]) }
      for i in line {
        let sign: Double = x.base[i] > 0 ? 1 : x.base[i] < 0 ? -1 : 0
        let turn = square ? Double(y[i]) : sign
        dx.base[i] = norm == 0 ? 0 : Float((Double(dy[i]) - turn * sum) / norm)
      }
    }
  }

  private func norm(_ x: Tensor, _ line: StrideTo<Int>) -> Double {
    let sum = line.reduce(0.0) { sum, i in
      let value = Double(x.base[i])
      return sum + (square ? value * value : abs(value))
    }
    return square ? sum.squareRoot() : sum
  }

  private func forEachLine(_ body: (StrideTo<Int>) -> Void) {
    guard length > 0 else { return }
    for line in 0..<(outer * inner) {
      let start = line / inner * inner * length + line % inner
      body(stride(from: start, to: start + length * inner, by: inner))
    }
  }
}
