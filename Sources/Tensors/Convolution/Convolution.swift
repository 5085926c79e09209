import CDNNL

/// A convolution in both directions through oneDNN's primitives, at fixed lengths.
///
/// A primitive chooses the layouts that it is fastest on, and tensors are copied on their way in and
/// out: blocks of channels and two copies take less time than row-major tensors as they are. The
/// forward primitive is made at once, each of the two backward ones when it is first asked for, so
/// that a replay without gradients holds no memory for them; after that nothing is allocated.
public final class Convolution {
  private let shape: ConvolutionShape
  private let caller: Layouts
  private let blocks: Blocks
  /// Whether both ends lie in blocks already.
  private let inBlocks: Bool
  private let context: PrimitiveContext
  private let attempt: DNNLDescription
  private let forwardStep: ConvolutionStep
  private var sourceStep: ConvolutionStep?
  private var weightsStep: ConvolutionStep?
  /// Where a bias gradient goes that nobody asks for.
  private var spare: (arena: Arena, tensor: Tensor)?

  /// How the caller's tensors lie.
  struct Layouts {
    let source: Layout
    let weights: Layout
    let bias: Layout?
    let destination: Layout
  }

  /// The memory of the tensors in the primitives' layouts.
  struct Blocks {
    let source: DNNLBlock
    let weights = DNNLBlock()
    let destination: DNNLBlock
  }

  /// Finds an implementation and makes the forward primitive.
  ///
  /// - Parameter orders: how the caller's source and destination, and their gradients, lie.
  /// - Throws: `TensorError` when oneDNN or the system runs out of memory.
  public init(
    _ shape: ConvolutionShape,
    orders: (source: TensorOrder, destination: TensorOrder) = (.rows, .rows)
  ) throws(TensorError) {
    self.shape = shape
    inBlocks = orders.source == .channelBlocks && orders.destination == .channelBlocks
    let scratch = ConvolutionScratch.current
    blocks = Blocks(source: scratch.source, destination: scratch.destination)
    context = try PrimitiveContext(scratch.primitive)
    caller = Layouts(
      source: try shape.sourceLayout(orders.source == .channelBlocks ? .blocks : .caller),
      weights: try shape.weightsLayout(.caller), bias: try shape.biasLayout(),
      destination: try shape.destinationLayout(
        orders.destination == .channelBlocks ? .blocks : .caller))
    attempt = try Self.describe(shape, .forward, context, after: nil, inBlocks)
    forwardStep = try ConvolutionStep(.forward, attempt, caller, blocks, context)
  }

  /// Writes the destination. The bias is read when the shape has one.
  ///
  /// - Throws: `TensorError.library` when oneDNN fails.
  public func forward(
    source: Tensor, weights: Tensor, bias: Tensor?, destination: Tensor
  ) throws(TensorError) {
    blocks.source.holder = nil
    blocks.weights.holder = nil
    try forwardStep.point(bias: bias)
    try forwardStep.source.enter(source.base)
    try forwardStep.weights.enter(weights.base)
    try forwardStep.destination.prepare(destination.base)
    try forwardStep.primitive.run()
    try forwardStep.destination.leave(destination.base)
  }

  /// Writes the gradients that are asked for. `source` and `weights` are those of the last forward
  /// step; `slopes` is the gradient of the destination.
  ///
  /// - Throws: `TensorError` when oneDNN or the system runs out of memory.
  public func backward(
    source: Tensor, weights: Tensor, slopes: Tensor, sourceGradient: Tensor?,
    weightsGradient: Tensor?, biasGradient: Tensor?
  ) throws(TensorError) {
    blocks.destination.holder = nil
    // The weights come first: the gradient of the source takes the memory of the source.
    if weightsGradient != nil || biasGradient != nil {
      let step = try step(.weights, &weightsStep)
      if let biasGradient {
        try step.point(bias: biasGradient)
      } else if shape.bias {
        try step.point(bias: try spareBias())
      }
      try step.source.enter(source.base)
      try step.destination.enter(slopes.base)
      try step.weights.prepare(nil)
      try step.primitive.run()
      try step.weights.leave(weightsGradient?.base)
    }
    if let sourceGradient {
      let step = try step(.source, &sourceStep)
      try step.weights.enter(weights.base)
      try step.destination.enter(slopes.base)
      try step.source.prepare(sourceGradient.base)
      try step.primitive.run()
      try step.source.leave(sourceGradient.base)
    }
  }

  private func step(
    _ part: ConvolutionStep.Part, _ kept: inout ConvolutionStep?
  ) throws(TensorError) -> ConvolutionStep {
    if let kept { return kept }
    let description = try Self.describe(shape, part, context, after: attempt, inBlocks)
    let made = try ConvolutionStep(part, description, caller, blocks, context)
    kept = made
    return made
  }

  private func spareBias() throws(TensorError) -> Tensor {
    if let spare { return spare.tensor }
    let arena = try Arena(bytes: Arena.bytes(shape.destinationChannels))
    let tensor = try arena.tensor(try Shape([shape.destinationChannels]))
    spare = (arena, tensor)
    return tensor
  }

  private static func describe(
    _ shape: ConvolutionShape, _ part: ConvolutionStep.Part, _ context: PrimitiveContext,
    after forward: DNNLDescription?, _ inBlocks: Bool
  ) throws(TensorError) -> DNNLDescription {
    let order: ConvolutionShape.Order =
      shape.prefersRows(part) && !inBlocks ? .rows : .chosen
    let source = try shape.sourceLayout(order)
    let weights = try shape.weightsLayout(.chosen)
    let bias = part == .source ? nil : try shape.biasLayout()
    let destination = try shape.destinationLayout(order)
    var tensors = cdnnl_convolution(
      transposed: shape.transposed ? 1 : 0, source: source.handle, weights: weights.handle,
      bias: bias?.handle, destination: destination.handle)
    var made: dnnl_primitive_desc_t?
    let status = cdnnl_convolution_describe(
      &made, &tensors, DNNL.list(shape.strides), DNNL.list(shape.dilations.map { $0 - 1 }),
      DNNL.list(shape.before), DNNL.list(shape.after), part.direction,
      try DNNL.engine(), context.attributes.handle, forward?.handle)
    return try withExtendedLifetime((source, weights, bias, destination)) {
      () throws(TensorError) in
      try DNNLDescription(made, status, "convolution_primitive_desc_create")
    }
  }
}
