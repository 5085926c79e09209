import Glibc

/// One zeroed, aligned block of memory from which tensors are cut. It lives as long as the arena.
public final class Arena {
  /// The alignment of the block and of every tensor in it, in bytes: a cache line.
  public static let alignment = 64
  /// Bytes past each tensor that may be read, so that a kernel may load its last vector whole.
  public static let slack = 64

  private let allocation: UnsafeMutableRawPointer
  private let block: UnsafeMutableRawPointer
  private let capacity: Int
  private var used = 0

  /// An arena for as many floats in all as `reserve` has counted.
  ///
  /// - Throws: `TensorError.memory` when the system has no such block.
  public init(bytes: Int) throws(TensorError) {
    guard (0...(Int.max - 2 * Self.alignment)).contains(bytes) else { throw .memory(bytes) }
    capacity = max(Self.alignment, (bytes + Self.alignment - 1) / Self.alignment * Self.alignment)
    // Not `aligned_alloc` and zeros: fresh pages are zero, and those never used stay the system's.
    guard let allocation = calloc(1, capacity + Self.alignment) else { throw .memory(bytes) }
    self.allocation = allocation
    block = allocation.alignedUp(toMultipleOf: Self.alignment)
  }

  deinit { free(allocation) }

  /// The bytes that a tensor of `count` floats takes of an arena.
  public static func bytes(_ count: Int) -> Int {
    (count * 4 + slack + alignment - 1) / alignment * alignment
  }

  /// Cuts the next tensor off the block.
  ///
  /// - Throws: `TensorError.memory` when the block has no room left.
  public func tensor(_ shape: Shape) throws(TensorError) -> Tensor {
    let bytes = Self.bytes(shape.count)
    guard used + bytes <= capacity else { throw .memory(bytes) }
    defer { used += bytes }
    let base = (block + used).bindMemory(to: Float.self, capacity: bytes / 4)
    return Tensor(base, shape)
  }
}
