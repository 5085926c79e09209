import Glibc

/// One zeroed, aligned block of memory from which tensors are cut. It lives as long as the arena.
public final class Arena {
  /// The alignment of the block and of every tensor in it, in bytes: a cache line.
  public static let alignment = 64
  /// Bytes past each tensor that may be read, so that a kernel may load its last vector whole.
  public static let slack = 64

  private let block: UnsafeMutableRawPointer
  private let capacity: Int
  private var used = 0

  /// An arena for as many floats in all as `reserve` has counted.
  ///
  /// - Throws: `TensorError.memory` when the system has no such block.
  public init(bytes: Int) throws(TensorError) {
    guard (0...(Int.max - Self.alignment)).contains(bytes) else { throw .memory(bytes) }
    capacity = max(Self.alignment, (bytes + Self.alignment - 1) / Self.alignment * Self.alignment)
    guard let block = aligned_alloc(Self.alignment, capacity) else { throw .memory(bytes) }
    memset(block, 0, capacity)
    self.block = block
  }

  deinit { free(block) }

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
