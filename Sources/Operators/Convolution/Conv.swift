import Tensors

/// The convolution of every framework (a cross-correlation) over one, two or three spatial axes,
/// through oneDNN.
struct Conv: Operator {
  static let info = OperatorInfo(
    name: "Conv", summary: "Convolution over one to three spatial axes, in groups of channels.",
    formula: "Y[n, o, p] = B[o] + Σ W[o, c, t] · X[n, c, p · stride − pad + t · dilation]",
    inputs: 2...3,
    attributes: Window.attributes + [
      AttributeInfo("group", default: "1", "parts of the channels that do not see each other"),
      AttributeInfo("kernel_shape", default: "as W", "must be that of W"),
    ], facts: [.affine, .weighs, .slides, .forgetsOutputs], samples: samples)

  let window: Window
  let groups: Int

  init(_ attributes: Attributes) throws(OperatorError) {
    window = try Window(attributes)
    groups = try attributes.int("group", default: 1)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    let w = try inputs.required(1).shape
    try checkConvolution(x, w, inputs.optional(2)?.shape, groups, outputs: w.dims.first ?? 0)
    guard groups > 0, w[1].multipliedReportingOverflow(by: groups) == (x[1], false),
      w[0] % groups == 0
    else {
      throw .shapes(
        found: "an input of \(x), weights of \(w) and \(groups) groups",
        expected: "\(groups) times \(w[1]) channels, and output channels that \(groups) divides")
    }
    return [try Shape.of([x[0], w[0]] + (try axes(x, w).map(\.output)))]
  }

  private func axes(_ x: Shape, _ w: Shape) throws(OperatorError) -> [WindowAxis] {
    var axes: [WindowAxis] = []
    for axis in try window.axes(of: x, window: Array(w.dims.dropFirst(2))) {
      axes.append(try axis.sliding(window.padding))
    }
    return axes
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    try makeKernel(inputs, outputs, from: .rows, to: .rows)
  }

  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule { .any }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel {
    let x = try inputs.required(0).shape
    let w = try inputs.required(1).shape
    let axes = try axes(x, w)
    return try ConvolutionKernel(
      ConvolutionShape(
        transposed: false, samples: x[0], channels: (x[1], w[0]), groups: groups,
        source: axes.map(\.source), destination: axes.map(\.output), window: axes.map(\.window),
        strides: axes.map(\.stride), dilations: axes.map(\.dilation), before: axes.map(\.before),
        bias: inputs.optional(2) != nil), from: source, to: destination)
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { 1 }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    inputs.optional(0)?.batched == true && inputs.dropFirst().allSatisfy { $0?.batched != true }
  }

  func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double {
    guard let w = inputs.optional(1)?.shape, let channels = w.dims.first else { return 0 }
    return Double(outputs.first?.count ?? 0) * Double(w.count) / Double(max(1, channels))
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    [nil, ParameterRole(.kernel, unitAxis: 0), ParameterRole(.bias, unitAxis: 0)]
  }
}

/// Checks what Conv and ConvTranspose have in common.
///
/// - Throws: `OperatorError.shapes`, or `.attribute` for the groups.
func checkConvolution(
  _ x: Shape, _ w: Shape, _ b: Shape?, _ groups: Int, outputs: Int
) throws(OperatorError) {
  guard (3...5).contains(x.rank), w.rank == x.rank else {
    throw .shapes(
      found: "an input of \(x) and weights of \(w)",
      expected: "samples, channels and one to three spatial axes in both")
  }
  guard groups > 0 else {
    throw .attribute("group", found: "\(groups)", expected: "1 or more")
  }
  if let b, b.dims != [outputs] {
    throw .shapes(found: "a bias of \(b)", expected: "\(outputs) numbers, one an output channel")
  }
}
