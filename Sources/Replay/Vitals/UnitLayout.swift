import Tensors

/// How the units of a layer lie in a tensor: `outer` blocks of `units` runs of `inner` elements.
/// A dense layer has inner 1; a convolution's channel has its pixels as inner.
public struct UnitLayout: Sendable, Equatable {
  /// Steps before the unit axis.
  public let outer: Int
  /// Units of the layer.
  public let units: Int
  /// Elements of a unit in one step.
  public let inner: Int
  /// Elements of a unit that belong to one sample.
  public let perSample: Int
  /// Elements from one of a run to the next: 1, or the channels of a block.
  public let step: Int

  /// The layout of a tensor whose units lie along `axis`; one unit for the whole when nil.
  ///
  /// - Parameter order: `channelBlocks` only where the units are whole blocks along axis 1.
  public init(
    _ shape: Shape, axis: Int?, batched: Bool = true, order: TensorOrder = .rows
  ) {
    step = order == .channelBlocks ? TensorOrder.channels : 1
    if let axis, axis < shape.rank {
      (outer, inner) = shape.around(axis)
      units = shape[axis]
    } else {
      (outer, units, inner) = (shape.count, 1, 1)
    }
    let rows = batched && shape.rank > 0 ? max(1, shape[0]) : 1
    perSample = max(1, outer * inner / rows)
  }

  /// The first element of a unit in a step before the unit axis.
  @inline(__always) public func run(_ unit: Int, _ outer: Int) -> Int {
    (outer * units + unit / step * step) * inner + unit % step
  }
}
