import Tensors

/// The last axes normalized together: the layer norm of transformers (Ba et al., 2016).
struct LayerNormalization: Operator {
  static let info = OperatorInfo(
    name: "LayerNormalization", summary: "The axes from one on normalized together.",
    formula: "Y = Scale · (X − mean) / √(var + epsilon) + B", inputs: 2...3, outputs: 1...3,
    attributes: [
      AttributeInfo("axis", default: "-1", "the first of the normalized axes"),
      AttributeInfo("epsilon", default: "1e-5", "added to the variance"),
      AttributeInfo("stash_type", default: "1", "the type of the statistics; always float32"),
    ],
    facts: [.normalizes, .forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5], [5], [5]]), GradientSample([[2, 3, 18], [18], nil]),
      GradientSample(
        [[2, 3, 4], [3, 4], [3, 4]], attributes: ["axis": .int(1), "epsilon": .float(0.1)]),
      GradientSample([[2, 3, 4], [4], [3, 1]], attributes: ["axis": .int(-2)]),
      GradientSample([[4, 3], [4, 3]], attributes: ["axis": .int(0), "stash_type": .int(1)]),
      GradientSample([[0, 4], [4], [4]]), GradientSample([[3, 0], [0]]),
    ])

  let axis: Int
  let epsilon: Double

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: -1)
    epsilon = try attributes.float("epsilon", default: 1e-5)
    _ = try attributes.int("stash_type", default: 1)
  }

  /// Y, and the mean and one over the standard deviation of what is normalized together.
  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    let (axis, _) = try trailing(inputs, from: axis)
    let ones = [Int](repeating: 1, count: x.rank - axis)
    let statistics = try Shape.of(Array(x.dims[..<axis]) + ones)
    return [x, statistics, statistics]
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    keepsLines(inputs, from: axis)
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] { lineRoles(inputs) }

  func normalizedGroup(_ inputs: [Operand?]) -> NormalizedGroup? {
    (try? trailing(inputs, from: axis)).map {
      NormalizedGroup(values: $0.shape.count, isCentred: true)
    }
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    let (axis, scale) = try trailing(inputs, from: axis)
    let lines = try inputs.required(0).shape.dims[..<axis].reduce(1, *)
    return try LineNormKernel(
      LineNorm(
        lines: lines, length: scale.count, places: 1, period: 1, scale: scale, epsilon: epsilon,
        centered: true))
  }
}

/// The axis from which on X is normalized, and the shape of those axes, to which scale and bias
/// broadcast.
///
/// - Throws: `OperatorError` when the axis is outside X, or a scale does not fit.
func trailing(
  _ inputs: [Operand?], from axis: Int
) throws(OperatorError) -> (axis: Int, shape: Shape) {
  let x = try inputs.required(0).shape
  guard let first = x.axis(axis) else {
    throw .attribute("axis", found: "\(axis)", expected: "an axis of \(x)")
  }
  let shape = try Shape.of(Array(x.dims[first...]))
  _ = try inputs.required(1)
  for input in inputs.dropFirst() {
    guard let input else { continue }
    guard Broadcast(shape, input.shape)?.shape == shape else {
      throw .shapes(found: "a scale of \(input.shape)", expected: "one that broadcasts to \(shape)")
    }
  }
  return (first, shape)
}

/// Whether samples lie before the axes that are normalized together, and share their scales.
func keepsLines(_ inputs: [Operand?], from axis: Int) -> Bool {
  guard let x = inputs.optional(0), x.batched, let first = x.shape.axis(axis) else { return false }
  return first > 0 && inputs.dropFirst().allSatisfy { $0?.batched != true }
}

/// Scale and bias; their units lie along their last axis.
func lineRoles(_ inputs: [Operand?]) -> [ParameterRole?] {
  inputs.enumerated().map { index, input in
    guard index > 0, let input else { return nil }
    return ParameterRole(index == 1 ? .scale : .bias, unitAxis: max(0, input.shape.rank - 1))
  }
}
