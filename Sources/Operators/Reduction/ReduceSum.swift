import Tensors

/// The sum of all elements along some axes.
struct ReduceSum: Reducing {
  static let info = OperatorInfo(
    name: "ReduceSum", summary: "Sum along axes.", formula: "y = Σ x", inputs: 1...2,
    attributes: ReduceSettings.attributes,
    facts: [.affine, .keepsSign, .forgetsInputs, .forgetsOutputs], samples: reduceSamples())

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    try ReduceSumKernel(
      try inputs.required(0).shape, axes: try settings.axes(inputs), mean: false)
  }
}
