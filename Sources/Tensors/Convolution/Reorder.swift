import CDNNL

/// One end of a primitive: a tensor of the caller's, the same tensor in the layout that the
/// primitive has chosen, and the copy between the two. Where the layouts agree both are one and
/// nothing is copied: whoever keeps tensors in the primitives' layouts pays nothing here.
final class Reorder {
  /// Which way the values go.
  enum Direction {
    /// From the caller into the primitive.
    case inward
    /// From the primitive to the caller.
    case outward
  }

  /// What the primitive reads or writes.
  let inner: DNNLMemory
  let direction: Direction
  let caller: Layout
  let primitive: Layout
  let block: DNNLBlock
  private let outer: DNNLMemory
  private let copy: DNNLPrimitive?

  /// - Parameters:
  ///   - block: where the primitive's tensor lies.
  ///   - always: copies even when the layouts agree.
  init(
    _ direction: Direction, caller: Layout, primitive: Layout, block: DNNLBlock,
    always: Bool = false, _ context: PrimitiveContext
  ) throws(TensorError) {
    self.direction = direction
    self.caller = caller
    self.primitive = primitive
    self.block = block
    outer = try DNNLMemory(caller)
    guard always || !caller.equals(primitive) else {
      inner = outer
      copy = nil
      return
    }
    inner = try block.tenant(primitive)
    let (from, to) = direction == .inward ? (outer, inner) : (inner, outer)
    copy = try context.copy(from, to)
  }

  /// Brings the caller's values to the primitive, unless they are there already.
  func enter(_ base: UnsafeMutablePointer<Float>) throws(TensorError) {
    guard let copy else { return try outer.point(at: base) }
    if block.holder === inner { return }
    try outer.point(at: base)
    try copy.run()
    block.holder = inner
  }

  /// Before the primitive writes: to the caller's memory where nothing is copied.
  func prepare(_ base: UnsafeMutablePointer<Float>?) throws(TensorError) {
    block.holder = nil
    if copy == nil, let base { try outer.point(at: base) }
  }

  /// Brings what the primitive has written to the caller.
  func leave(_ base: UnsafeMutablePointer<Float>?) throws(TensorError) {
    guard let copy, let base else { return }
    try outer.point(at: base)
    try copy.run()
  }
}
