import CDNNL

/// How the elements of a tensor of (samples, channels, spatial axes…) lie in memory.
public enum TensorOrder: Sendable {
  /// Row-major, as everywhere else.
  case rows
  /// Sixteen channels of one place side by side, then the next place; block after block of channels,
  /// then the next sample. Convolutions work on it without a copy at their ends.
  case channelBlocks

  /// Channels of a block.
  public static let channels = 16

  /// The memory of a tensor in blocks as a row-major shape: a last axis for the channels of a block.
  /// An axis of one channel stays one, as broadcasting has it.
  public static func blocked(_ shape: Shape) throws(TensorError) -> Shape {
    var dims = shape.dims
    let lanes = dims[1] == 1 ? 1 : channels
    dims[1] /= lanes
    return try Shape(dims + [lanes])
  }

  /// Whether convolutions on this processor like blocks of sixteen channels best.
  public static let prefersBlocks = cdnnl_prefers_blocks() != 0
}
