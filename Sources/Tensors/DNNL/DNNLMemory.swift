import CDNNL

/// A tensor as oneDNN sees it: a layout, and the memory that it is pointed at.
final class DNNLMemory {
  let layout: Layout
  let handle: dnnl_memory_t
  private var base: UnsafeMutableRawPointer?

  init(_ layout: Layout) throws(TensorError) {
    var made: dnnl_memory_t?
    let status = cdnnl_memory_new(&made, layout.handle, try DNNL.engine())
    handle = try DNNL.made(made, status, "memory_create")
    self.layout = layout
  }

  deinit { dnnl_memory_destroy(handle) }

  func point(at base: UnsafeMutableRawPointer) throws(TensorError) {
    guard base != self.base else { return }
    try DNNL.check(dnnl_memory_set_data_handle(handle, base), "memory_set_data_handle")
    self.base = base
  }
}

/// Memory that several tensors use one after another, as large as the largest of them.
final class DNNLBlock {
  private var arena: Arena?
  private var tenants: [DNNLMemory] = []
  private var bytes = 0
  /// Whose values are in it at the moment.
  var holder: DNNLMemory?

  /// A tensor of that layout in this block. What was in the block is lost.
  func tenant(_ layout: Layout) throws(TensorError) -> DNNLMemory {
    let memory = try DNNLMemory(layout)
    tenants.append(memory)
    holder = nil
    if layout.bytes > bytes || arena == nil {
      arena = nil
      bytes = layout.bytes
      let shape = try Shape([bytes / 4 + 1])
      let arena = try Arena(bytes: Arena.bytes(shape.count))
      let base = UnsafeMutableRawPointer(try arena.tensor(shape).base)
      for tenant in tenants { try tenant.point(at: base) }
      self.arena = arena
      self.base = base
    } else if let base {
      try memory.point(at: base)
    }
    return memory
  }

  private var base: UnsafeMutableRawPointer?
}
