import Tensors

/// The mean of every window.
struct AveragePool: Operator {
  static let info = OperatorInfo(
    name: "AveragePool", summary: "Mean over a window.",
    formula: "y[p] = mean x[p · stride − pad + t · dilation]", inputs: 1...1,
    attributes: Window.attributes + [
      AttributeInfo("ceil_mode", default: "0", "1: a last window may end past the padding"),
      AttributeInfo("count_include_pad", default: "0", "1: zeros of the padding count"),
      AttributeInfo("kernel_shape", default: "required", "the lengths of the window"),
    ],
    facts: [.affine, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample(
        [[2, 2, 4, 5]], attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
      GradientSample(
        [[2, 2, 5, 4]],
        attributes: [
          "kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 2, 1]),
          "ceil_mode": .int(1), "count_include_pad": .int(1),
        ]),
      GradientSample(
        [[2, 2, 6]],
        attributes: [
          "kernel_shape": .ints([3]), "strides": .ints([2]), "pads": .ints([1, 1]),
          "ceil_mode": .int(1),
        ]),
      GradientSample(
        [[2, 3, 19]], attributes: ["kernel_shape": .ints([2]), "dilations": .ints([2])]),
      GradientSample(
        [[2, 1, 3, 2, 3]],
        attributes: ["kernel_shape": .ints([2, 1, 2]), "auto_pad": .string("SAME_UPPER")]),
      GradientSample(
        [[2, 2, 5]],
        attributes: [
          "kernel_shape": .ints([2]), "strides": .ints([2]), "auto_pad": .string("SAME_LOWER"),
        ]),
      GradientSample(
        [[2, 2, 3]], attributes: ["kernel_shape": .ints([2]), "auto_pad": .string("VALID")]),
      GradientSample([[0, 2, 3]], attributes: ["kernel_shape": .ints([2])]),
    ])

  let window: Window
  let ceiling: Bool
  let countsPadding: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    window = try Window(attributes)
    ceiling = try attributes.flag("ceil_mode", default: false)
    countsPadding = try attributes.flag("count_include_pad", default: false)
    if window.lengths == nil {
      throw .attribute("kernel_shape", found: "missing", expected: "the lengths of the window")
    }
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    let axes = try window.sliding(over: x, ceiling: ceiling)
    return [try Shape.of([x[0], x[1]] + axes.map(\.output))]
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    let x = try inputs.required(0).shape
    return try AveragePoolKernel(
      planes: x[0] * x[1], try window.sliding(over: x, ceiling: ceiling),
      countsPadding: countsPadding)
  }

  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule { .alike }

  /// In blocks the channels of a block are a last axis, of which each makes its own window.
  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel {
    guard source == .channelBlocks else { return try makeKernel(inputs, outputs) }
    let x = try inputs.required(0).shape
    let lanes = WindowAxis(source: TensorOrder.channels, window: 1, stride: 1, dilation: 1)
    return try AveragePoolKernel(
      planes: x[0] * x[1] / TensorOrder.channels,
      try window.sliding(over: x, ceiling: ceiling) + [try lanes.sliding(.none)],
      countsPadding: countsPadding)
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { 1 }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    inputs.optional(0)?.batched == true
  }
}
