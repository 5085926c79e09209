import Tensors

/// The mean of all elements along some axes.
struct ReduceMean: Reducing {
  static let info = OperatorInfo(
    name: "ReduceMean", summary: "Mean along axes.", formula: "y = Σ x / n", inputs: 1...2,
    attributes: ReduceSettings.attributes,
    facts: [.affine, .keepsSign, .forgetsInputs, .forgetsOutputs],
    samples: reduceSamples(empty: false))

  static let hasEmptyValue = false

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  /// Over all spatial axes there is one place for each channel left, which lies the same way in
  /// either order.
  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule {
    guard let x = inputs.optional(0)?.shape, x.rank > 2,
      let axes = try? settings.axes(inputs), axes == Array(2..<x.rank)
    else { return .rows }
    return .any
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel {
    source == .channelBlocks
      ? ChannelMeanBlocks(try inputs.required(0).shape) : try makeKernel(inputs, outputs)
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    try ReduceSumKernel(
      try inputs.required(0).shape, axes: try settings.axes(inputs), mean: true)
  }
}
