import Tensors

/// Every channel normalized, by the running statistics or by those of the batch.
///
/// The statistics of a batch are taken over all axes but 1, with the variance over n and not n − 1,
/// as ONNX and the frameworks normalize. The running statistics are no parameters: they get no
/// gradient.
struct BatchNormalization: Operator {
  static let info = OperatorInfo(
    name: "BatchNormalization",
    summary: "Each channel (axis 1) normalized by running statistics or by those of the batch.",
    formula: "Y = scale · (X − mean) / √(var + epsilon) + B", inputs: 5...5, outputs: 1...3,
    attributes: [
      AttributeInfo("epsilon", default: "1e-5", "added to the variance"),
      AttributeInfo("momentum", default: "0.9", "the share of the old running statistics"),
      AttributeInfo("training_mode", default: "0", "1: by the statistics of the batch"),
    ], facts: [.normalizes, .normalizesBatch, .forgetsOutputs, .worksInPlace], samples: samples)

  let epsilon: Double
  let momentum: Double
  let training: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    epsilon = try attributes.float("epsilon", default: 1e-5)
    momentum = try attributes.float("momentum", default: 0.9)
    training = try attributes.flag("training_mode", default: false)
  }

  private init(_ other: BatchNormalization, training: Bool) {
    (epsilon, momentum) = (other.epsilon, other.momentum)
    self.training = training
  }

  /// By the running statistics.
  var evaluating: (any Operator)? { training ? Self(self, training: false) : nil }

  /// Y, and for the statistics of a batch the new running mean and variance.
  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    guard x.rank >= 2 else { throw .shapes(found: "\(x)", expected: "at least two axes") }
    let channels = try Shape.of([x[1]])
    for index in 1...4 {
      let shape = try inputs.required(index).shape
      guard shape == channels else {
        throw .shapes(found: "\(shape) for input \(index)", expected: "\(channels)")
      }
    }
    return training ? [x, channels, channels] : [x]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    output.rank > 1 ? 1 : 0
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    !training && inputs.optional(0)?.batched == true
      && inputs.dropFirst().allSatisfy { $0?.batched != true }
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    [nil, ParameterRole(.scale, unitAxis: 0), ParameterRole(.bias, unitAxis: 0), nil, nil]
  }

  /// The batch's values of a channel, where it takes the statistics of the batch.
  func normalizedGroup(_ inputs: [Operand?]) -> NormalizedGroup? {
    guard training, let shape = inputs.optional(0)?.shape, shape.rank >= 2 else { return nil }
    return NormalizedGroup(values: shape[0] * shape.around(1).inner, isCentred: true)
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    try makeKernel(inputs, outputs, from: .rows, to: .rows)
  }

  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule { .alike }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel {
    let x = try inputs.required(0).shape
    let channels = try Shape.of([x[1]])
    return BatchNormalizationKernel(
      settings: self, view: ChannelView(x, destination),
      workspace: try Workspace([channels, channels]))
  }

  private static let samples: [GradientSample] = {
    let train = ["training_mode": AttributeValue.int(1)]
    func sample(
      _ dims: [Int], _ attributes: [String: AttributeValue] = [:],
      range: ClosedRange<Double> = 0.25...2
    ) -> GradientSample {
      let channels = dims[1]
      let row = [channels]
      let means = (0..<channels).map { 0.25 * Double($0) - 0.5 }
      let variances = (0..<channels).map { 0.5 + 0.25 * Double($0) }
      return GradientSample(
        [dims, row, row, row, row], attributes: attributes, range: range,
        constants: [3: means, 4: variances])
    }
    return [
      sample([2, 3, 5]), sample([4, 3]), sample([2, 2, 3, 3], ["epsilon": .float(0.1)]),
      sample([5, 18], train), sample([6, 3], train, range: -2...2),
      sample([3, 2, 7], train, range: -2...2),
      sample(
        [2, 2, 3, 3],
        train.merging(["momentum": .float(0.5), "epsilon": .float(0.1)]) { $1 }, range: -2...2),
      sample([0, 3]), sample([0, 3, 2], train), sample([3, 0, 2]),
    ]
  }()
}
