import Tensors

/// The mean of each channel over all spatial axes.
struct GlobalAveragePool: Operator, Kernel {
  static let info = OperatorInfo(
    name: "GlobalAveragePool", summary: "Mean of each channel over all spatial axes.",
    formula: "y[n, c] = mean x[n, c, …]", inputs: 1...1,
    facts: [.affine, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[2, 3, 4, 5]]), GradientSample([[3, 2, 19]]),
      GradientSample([[2, 1, 2, 3, 2]]), GradientSample([[0, 2, 3]]),
    ])

  init(_ attributes: Attributes) {}

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try globalPool(try inputs.required(0).shape)]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { 1 }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    inputs.optional(0)?.batched == true
  }

  /// The output has one place for each channel, and lies the same way in either order.
  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule { .any }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel {
    source == .channelBlocks ? ChannelMeanBlocks(try inputs.required(0).shape) : self
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    let y = node.outputs[0]
    guard y.count > 0 else { return }
    let size = x.count / y.count
    for plane in 0..<y.count {
      let values = x.base + plane * size
      var sum = Vector.zero
      forEachVector(size) { sum += values.vector($0) }
      y.base[plane] = sum.total / Float(size)
    }
  }

  func backward(_ node: Backward) {
    guard let dx = node.inputGradients.optional(0) else { return }
    let dy = node.outputGradients[0]
    guard dy.count > 0 else { return }
    let size = dx.count / dy.count
    for plane in 0..<dy.count {
      (dx.base + plane * size).update(repeating: dy.base[plane] / Float(size), count: size)
    }
  }
}

/// The shape rule of the global pools.
///
/// - Throws: `OperatorError.shapes` when there are no spatial axes, or nothing along them.
func globalPool(_ x: Shape) throws(OperatorError) -> Shape {
  guard x.rank > 2, !x.dims.dropFirst(2).contains(0) else {
    throw .shapes(found: "an input of \(x)", expected: "samples, channels and spatial axes")
  }
  return try Shape.of(Array(x.dims.prefix(2)) + Array(repeating: 1, count: x.rank - 2))
}
