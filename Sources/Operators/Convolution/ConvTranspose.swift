import Tensors

/// The transposed convolution: the gradient of a convolution with respect to its input, used as a
/// layer of its own that enlarges its input.
struct ConvTranspose: Operator {
  static let info = OperatorInfo(
    name: "ConvTranspose", summary: "Transposed convolution over one to three spatial axes.",
    formula: "Y[n, o, p · stride − pad + t · dilation] = B[o] + Σ W[c, o, t] · X[n, c, p]",
    inputs: 2...3,
    attributes: Window.attributes + [
      AttributeInfo("group", default: "1", "parts of the channels that do not see each other"),
      AttributeInfo("kernel_shape", default: "as W", "must be that of W"),
      AttributeInfo("output_padding", default: "0 an axis", "elements appended to the output"),
      AttributeInfo("output_shape", default: "from pads", "spatial lengths; pads follow from them"),
    ], facts: [.affine, .forgetsOutputs], samples: samples)

  let window: Window
  let groups: Int
  let extra: [Int]?
  let wanted: [Int]?

  init(_ attributes: Attributes) throws(OperatorError) {
    window = try Window(attributes)
    groups = try attributes.int("group", default: 1)
    extra = try Window.list("output_padding", from: 0, attributes)
    wanted = try Window.list("output_shape", from: 0, attributes)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    let w = try inputs.required(1).shape
    let channels = try outputChannels(w)
    try checkConvolution(x, w, inputs.optional(2)?.shape, groups, outputs: channels)
    guard w[0] == x[1], x[1] % groups == 0 else {
      throw .shapes(
        found: "an input of \(x), weights of \(w) and \(groups) groups",
        expected: "\(w[0]) channels, which \(groups) divides")
    }
    return [try Shape.of([x[0], channels] + (try axes(x, w).map(\.output)))]
  }

  private func outputChannels(_ w: Shape) throws(OperatorError) -> Int {
    let (channels, overflow) = (w.rank > 1 ? w[1] : 0).multipliedReportingOverflow(by: groups)
    guard !overflow else {
      throw .attribute("group", found: "\(groups)", expected: "a number of groups of channels")
    }
    return channels
  }

  private func axes(_ x: Shape, _ w: Shape) throws(OperatorError) -> [WindowAxis] {
    let rank = x.rank - 2
    if let extra, extra.count != rank {
      throw .attribute("output_padding", found: "\(extra)", expected: "\(rank) numbers")
    }
    // ONNX gives spatial lengths; some exporters write all.
    if let wanted, wanted.count != rank && wanted.count != x.rank {
      throw .attribute("output_shape", found: "\(wanted)", expected: "\(rank) numbers")
    }
    let lengths = wanted.map { Array($0.suffix(rank)) }
    var axes: [WindowAxis] = []
    for (i, axis) in try window.axes(of: x, window: Array(w.dims.dropFirst(2))).enumerated() {
      axes.append(
        try axis.spreading(window.padding, extra: extra?[i] ?? 0, wanted: lengths?[i]))
    }
    return axes
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    let x = try inputs.required(0).shape
    let w = try inputs.required(1).shape
    let axes = try axes(x, w)
    return try ConvolutionKernel(
      ConvolutionShape(
        transposed: true, samples: x[0], channels: (x[1], try outputChannels(w)), groups: groups,
        source: axes.map(\.source), destination: axes.map(\.output), window: axes.map(\.window),
        strides: axes.map(\.stride), dilations: axes.map(\.dilation), before: axes.map(\.before),
        bias: inputs.optional(2) != nil))
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { 1 }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    inputs.optional(0)?.batched == true && inputs.dropFirst().allSatisfy { $0?.batched != true }
  }

  func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double {
    guard let w = inputs.optional(1)?.shape, let channels = w.dims.first else { return 0 }
    let values = inputs.optional(0)?.shape.count ?? 0
    return Double(values) * Double(w.count) / Double(max(1, channels))
  }

  /// Within groups the output channels do not lie along one axis of the weights, unless each group
  /// has but one.
  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    let w = inputs.optional(1)?.shape
    var kernel: ParameterRole?
    if groups == 1 {
      kernel = ParameterRole(.kernel, unitAxis: 1)
    } else if let w, w.rank > 1, w[0] == groups, w[1] == 1 {
      kernel = ParameterRole(.kernel, unitAxis: 0)
    }
    return [nil, kernel, ParameterRole(.bias, unitAxis: 0)]
  }
}
