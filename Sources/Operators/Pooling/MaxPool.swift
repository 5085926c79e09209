import Tensors

/// The largest element of every window. The gradient goes to the first of equal elements, as in
/// every framework; NaN is larger than anything.
struct MaxPool: Operator {
  static let info = OperatorInfo(
    name: "MaxPool", summary: "Largest element of a window; optionally its index as well.",
    formula: "y[p] = max x[p · stride − pad + t · dilation]", inputs: 1...1, outputs: 1...2,
    attributes: Window.attributes + [
      AttributeInfo("ceil_mode", default: "0", "1: a last window may end past the padding"),
      AttributeInfo("kernel_shape", default: "required", "the lengths of the window"),
      AttributeInfo("storage_order", default: "0", "1: indices count column by column"),
    ],
    facts: [.takesMinusInfinity, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample(
        [[2, 2, 4, 5]], attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])],
        range: wide),
      GradientSample(
        [[2, 2, 5, 4]],
        attributes: [
          "kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 2, 1]),
          "ceil_mode": .int(1), "storage_order": .int(1),
        ], range: wide),
      GradientSample(
        [[2, 3, 19]], attributes: ["kernel_shape": .ints([2]), "dilations": .ints([2])],
        range: wide),
      GradientSample(
        [[2, 1, 3, 2, 3]],
        attributes: ["kernel_shape": .ints([2, 1, 2]), "auto_pad": .string("SAME_UPPER")],
        range: wide),
      GradientSample(
        [[2, 2, 5]],
        attributes: [
          "kernel_shape": .ints([2]), "strides": .ints([2]), "auto_pad": .string("SAME_LOWER"),
        ], range: wide),
      GradientSample(
        [[2, 2, 3]], attributes: ["kernel_shape": .ints([2]), "auto_pad": .string("VALID")],
        range: wide),
      GradientSample([[0, 2, 3]], attributes: ["kernel_shape": .ints([2])]),
    ])

  /// Two elements closer than the step of the gradient check are a kink; in this interval no sample
  /// has any.
  static let wide = -1000.0...1000.0

  let window: Window
  let ceiling: Bool
  let columnMajor: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    window = try Window(attributes)
    ceiling = try attributes.flag("ceil_mode", default: false)
    columnMajor = try attributes.flag("storage_order", default: false)
    if window.lengths == nil {
      throw .attribute("kernel_shape", found: "missing", expected: "the lengths of the window")
    }
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    let axes = try window.sliding(over: x, ceiling: ceiling)
    guard x.rowCount <= Int(Int32.max) else {
      throw .shapes(found: "an input of \(x)", expected: "samples of up to \(Int32.max) elements")
    }
    if let bare = axes.first(where: \.hasBareWindow), x[0] * x[1] > 0 {
      throw .shapes(
        found: "a window over nothing but padding on an axis of \(bare.source)",
        expected: "windows that touch the input")
    }
    let y = try Shape.of([x[0], x[1]] + axes.map(\.output))
    return [y, y]
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    let x = try inputs.required(0).shape
    return try MaxPoolKernel(
      planes: x[0] * x[1], try window.sliding(over: x, ceiling: ceiling), columnMajor: columnMajor)
  }

  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule {
    inputs.optional(0)?.shape.rank == 4 && outputs.count == 1 ? .alike : .rows
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel {
    guard source == .channelBlocks else { return try makeKernel(inputs, outputs) }
    let x = try inputs.required(0).shape
    let axes = try window.sliding(over: x, ceiling: ceiling)
    return try MaxPoolBlocks(planes: x[0] * x[1] / TensorOrder.channels, axes[0], axes[1])
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { 1 }

  /// True of the values. Indices, where a node asks for them, count through the batch that is
  /// replayed, as ONNX has it.
  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    inputs.optional(0)?.batched == true
  }
}

extension Window {
  /// The window of a pool over all spatial axes.
  ///
  /// - Throws: `OperatorError` when it does not fit.
  func sliding(over x: Shape, ceiling: Bool) throws(OperatorError) -> [WindowAxis] {
    var axes: [WindowAxis] = []
    for axis in try self.axes(of: x) { axes.append(try axis.sliding(padding, ceiling: ceiling)) }
    return axes
  }
}
