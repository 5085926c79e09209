/// A borrowed block of float32 values in row-major order, with its shape.
///
/// A tensor owns nothing: the arena, the mapped file or the array that it points into must outlive
/// it. Kernels read and write through the pointer; whoever makes the tensor has checked the shape.
public struct Tensor {
  /// The first element, followed by at least `Arena.slack` readable bytes past the last one when
  /// the tensor comes from an arena.
  public let base: UnsafeMutablePointer<Float>
  /// The lengths of the axes.
  public let shape: Shape

  /// A view of `shape.count` values at `base`.
  public init(_ base: UnsafeMutablePointer<Float>, _ shape: Shape) {
    self.base = base
    self.shape = shape
  }

  /// The number of elements.
  @inlinable public var count: Int { shape.count }

  /// All elements as a buffer.
  @inlinable public var buffer: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: base, count: shape.count)
  }

  /// The same elements under another shape of as many elements.
  public func reshaped(_ shape: Shape) -> Tensor { Tensor(base, shape) }

  /// Sets every element.
  public func fill(_ value: Float) { base.update(repeating: value, count: count) }

  /// Copies every element of a tensor of as many elements, which may be the same memory.
  public func copy(_ source: Tensor) {
    if base != source.base { base.update(from: source.base, count: count) }
  }

  /// Adds every element of a tensor of as many elements.
  public func add(_ source: Tensor) { zip(self, source, into: self) { $0 + $1 } }
}
