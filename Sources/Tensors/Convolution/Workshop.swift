import CDNNL

/// What the primitives of one kernel share.
final class Workshop {
  let stream: LibraryStream
  let scratch = LibraryBlock()
  let attributes: LibraryAttributes
  private var passages: [Passage] = []

  init() throws(TensorError) {
    stream = try LibraryStream()
    attributes = try LibraryAttributes()
  }

  func primitive(
    _ description: LibraryDescription, _ tensors: [(role: Int32, memory: LibraryMemory)]
  ) throws(TensorError) -> LibraryPrimitive {
    try LibraryPrimitive(description, tensors, scratch: scratch, stream: stream)
  }

  /// A passage into or out of a primitive; primitives with the same wishes share one.
  func passage(
    _ direction: Passage.Direction, caller: Layout, primitive: Layout, block: LibraryBlock,
    always: Bool = false
  ) throws(TensorError) -> Passage {
    let known = passages.first {
      $0.direction == direction && $0.block === block && $0.caller === caller
        && $0.primitive.equals(primitive)
    }
    if let known { return known }
    let made = try Passage(
      direction, caller: caller, primitive: primitive, block: block, always: always, self)
    passages.append(made)
    return made
  }

  /// A copy from one layout into another.
  func copy(_ from: LibraryMemory, _ to: LibraryMemory) throws(TensorError) -> LibraryPrimitive {
    var made: dnnl_primitive_desc_t?
    let status = cdnnl_reorder_describe(
      &made, from.layout.handle, to.layout.handle, try Library.engine(), attributes.handle)
    let description = try LibraryDescription(made, status, "reorder_primitive_desc_create")
    return try primitive(description, [(DNNL_ARG_SRC_0, from), (DNNL_ARG_DST_0, to)])
  }
}
