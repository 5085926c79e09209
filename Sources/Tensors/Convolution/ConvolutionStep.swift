import CDNNL

/// One of the three primitives of a convolution, with the reorders of its tensors.
struct ConvolutionStep {
  /// What the primitive computes.
  enum Part {
    /// The destination.
    case forward
    /// The gradient of the source.
    case source
    /// The gradients of the weights and the bias.
    case weights

    var direction: Int32 {
      switch self {
      case .forward: Int32(cdnnl_forward)
      case .source: Int32(cdnnl_backward_data)
      case .weights: Int32(cdnnl_backward_weights)
      }
    }
  }

  let primitive: DNNLPrimitive
  let source: Reorder
  let weights: Reorder
  let destination: Reorder
  private let bias: DNNLMemory?

  init(
    _ part: Part, _ description: DNNLDescription, _ caller: Convolution.Layouts,
    _ blocks: Convolution.Blocks, _ context: PrimitiveContext
  ) throws(TensorError) {
    let x = part == .source ? dnnl_query_diff_src_md : dnnl_query_src_md
    let w = part == .weights ? dnnl_query_diff_weights_md : dnnl_query_weights_md
    let y = part == .forward ? dnnl_query_dst_md : dnnl_query_diff_dst_md
    source = try context.reorder(
      part == .source ? .outward : .inward, caller: caller.source,
      primitive: try Layout(x, of: description), block: blocks.source)
    // Always through the block: the gradient of a bias may be asked for alone.
    weights = try context.reorder(
      part == .weights ? .outward : .inward, caller: caller.weights,
      primitive: try Layout(w, of: description), block: blocks.weights, always: part == .weights)
    destination = try context.reorder(
      part == .forward ? .outward : .inward, caller: caller.destination,
      primitive: try Layout(y, of: description), block: blocks.destination)
    var tensors: [(role: Int32, memory: DNNLMemory)] = [
      (part == .source ? DNNL_ARG_DIFF_SRC_0 : DNNL_ARG_SRC_0, source.inner),
      (part == .weights ? DNNL_ARG_DIFF_WEIGHTS_0 : DNNL_ARG_WEIGHTS_0, weights.inner),
      (part == .forward ? DNNL_ARG_DST_0 : DNNL_ARG_DIFF_DST_0, destination.inner),
    ]
    if let layout = caller.bias, part != .source {
      let memory = try DNNLMemory(layout)
      tensors.append((part == .weights ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS, memory))
      bias = memory
    } else {
      bias = nil
    }
    primitive = try context.primitive(description, tensors)
  }

  /// Points the primitive at the bias or its gradient.
  func point(bias tensor: Tensor?) throws(TensorError) {
    if let bias, let tensor { try bias.point(at: tensor.base) }
  }
}

extension ConvolutionShape {
  /// Whether a primitive is faster on row-major tensors than on blocks of channels with a copy at
  /// each end: a product of matrices is, and so is what would write blocks of 16 channels of which
  /// most do not exist.
  func prefersRows(_ part: ConvolutionStep.Part) -> Bool {
    guard groups == 1 else { return false }
    switch (part, transposed) {
    case (.weights, _): return false
    case (.forward, true), (.source, false):
      let written = transposed ? destinationChannels : sourceChannels
      return isProduct || written < 8
    case (.forward, false), (.source, true): return isProduct
    }
  }

  /// Whether every output reads one place of the source.
  private var isProduct: Bool {
    window.allSatisfy { $0 == 1 } && strides.allSatisfy { $0 == 1 }
  }
}
