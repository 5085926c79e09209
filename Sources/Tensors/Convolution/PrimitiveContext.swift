import CDNNL

/// What the primitives of one kernel share.
final class PrimitiveContext {
  let stream: DNNLStream
  let scratch: DNNLBlock
  let attributes: DNNLAttributes
  private var reorders: [Reorder] = []

  /// - Parameter scratch: what the primitives work in.
  init(_ scratch: DNNLBlock) throws(TensorError) {
    self.scratch = scratch
    stream = try DNNLStream()
    attributes = try DNNLAttributes()
  }

  func primitive(
    _ description: DNNLDescription, _ tensors: [(role: Int32, memory: DNNLMemory)]
  ) throws(TensorError) -> DNNLPrimitive {
    try DNNLPrimitive(description, tensors, scratch: scratch, stream: stream)
  }

  /// A reorder into or out of a primitive; primitives with the same wishes share one.
  func reorder(
    _ direction: Reorder.Direction, caller: Layout, primitive: Layout, block: DNNLBlock,
    always: Bool = false
  ) throws(TensorError) -> Reorder {
    let known = reorders.first {
      $0.direction == direction && $0.block === block && $0.caller === caller
        && $0.primitive.equals(primitive)
    }
    if let known { return known }
    let made = try Reorder(
      direction, caller: caller, primitive: primitive, block: block, always: always, self)
    reorders.append(made)
    return made
  }

  /// A copy from one layout into another.
  func copy(_ from: DNNLMemory, _ to: DNNLMemory) throws(TensorError) -> DNNLPrimitive {
    var made: dnnl_primitive_desc_t?
    let status = cdnnl_reorder_describe(
      &made, from.layout.handle, to.layout.handle, try DNNL.engine(), attributes.handle)
    let description = try DNNLDescription(made, status, "reorder_primitive_desc_create")
    return try primitive(description, [(DNNL_ARG_SRC_0, from), (DNNL_ARG_DST_0, to)])
  }
}
