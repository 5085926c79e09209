/// The lengths of a convolution and how its window moves. Tensors are (samples, channels, spatial
/// axes…), one to three of these; weights are ONNX's: (destination channels, source channels of a
/// group, window…), and with the first two exchanged for a transposed convolution.
public struct ConvolutionShape: Sendable, Equatable {
  /// Whether it is the gradient of a convolution: strides spread the source.
  public var transposed = false
  /// Rows of a batch.
  public var samples: Int
  /// Channels of the source, over all groups.
  public var sourceChannels: Int
  /// Channels of the destination, over all groups.
  public var destinationChannels: Int
  /// Into how many parts the channels fall that do not see each other.
  public var groups = 1
  /// Spatial lengths of the source.
  public var source: [Int]
  /// Spatial lengths that are computed.
  public var destination: [Int]
  /// Spatial lengths of the tensor at whose start the computed part lies.
  public var frame: [Int]
  /// Lengths of the window.
  public var window: [Int]
  /// Steps of the window.
  public var strides: [Int]
  /// Steps between its taps; 1 for none left out.
  public var dilations: [Int]
  /// Zeros before each axis.
  public var before: [Int]
  /// Whether a bias is added.
  public var bias: Bool

  /// A convolution of those lengths, none of which is 0; `frame` is `destination`.
  public init(
    transposed: Bool, samples: Int, channels: (source: Int, destination: Int), groups: Int,
    source: [Int], destination: [Int], window: [Int], strides: [Int], dilations: [Int],
    before: [Int], bias: Bool
  ) {
    self.transposed = transposed
    self.samples = samples
    sourceChannels = channels.source
    destinationChannels = channels.destination
    self.groups = groups
    self.source = source
    self.destination = destination
    frame = destination
    self.window = window
    self.strides = strides
    self.dilations = dilations
    self.before = before
    self.bias = bias
  }

  /// Zeros after each axis, as many as the last window reads; negative when it leaves some of the
  /// axis out.
  var after: [Int] {
    let (wide, narrow) = transposed ? (destination, source) : (source, destination)
    return strides.indices.map { axis in
      let range = (window[axis] - 1) * dilations[axis] + 1
      return (narrow[axis] - 1) * strides[axis] + range - wide[axis] - before[axis]
    }
  }

  /// Which of the layouts of a tensor is meant.
  enum Order {
    /// How the caller's tensor lies.
    case caller
    /// Row-major, without gaps.
    case rows
    /// In blocks of channels.
    case blocks
    /// The one that the primitive likes best.
    case chosen
  }

  func sourceLayout(_ order: Order) throws(TensorError) -> Layout {
    let lengths = [samples, sourceChannels] + source
    if order == .blocks { return try Layout(blocks: lengths) }
    return try Layout(lengths, steps: order == .chosen ? nil : Layout.steps(lengths))
  }

  func destinationLayout(_ order: Order) throws(TensorError) -> Layout {
    let channels = [samples, destinationChannels]
    if order == .blocks { return try Layout(blocks: channels + destination) }
    let steps = Layout.steps(channels + (order == .caller ? frame : destination))
    return try Layout(channels + destination, steps: order == .chosen ? nil : steps)
  }

  func weightsLayout(_ order: Order) throws(TensorError) -> Layout {
    let inside = sourceChannels / groups
    let outside = destinationChannels / groups
    let front = groups > 1 ? [groups] : []
    let lengths = front + [outside, inside] + window
    guard order != .chosen else { return try Layout(lengths, steps: nil) }
    guard transposed else { return try Layout(lengths, steps: Layout.steps(lengths)) }
    var steps = Layout.steps(front + [inside, outside] + window)
    steps.swapAt(front.count, front.count + 1)
    return try Layout(lengths, steps: steps)
  }

  func biasLayout() throws(TensorError) -> Layout? {
    bias ? try Layout([destinationChannels], steps: [1]) : nil
  }
}
