import Tensors

/// The mean of all elements along some axes.
struct ReduceMean: Reducing {
  static let info = OperatorInfo(
    name: "ReduceMean", summary: "Mean along axes.", formula: "y = Σ x / n", inputs: 1...2,
    attributes: ReduceSettings.attributes, facts: [.affine, .keepsSign],
    samples: reduceSamples(empty: false))

  static let hasEmptyValue = false

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    try ReduceSumKernel(
      try inputs.required(0).shape, axes: try settings.axes(inputs), mean: true)
  }
}
