import CDNNL

/// A primitive that oneDNN has found an implementation for.
final class LibraryDescription {
  let handle: dnnl_primitive_desc_t

  /// Takes over what a call has made.
  ///
  /// - Throws: `TensorError.library` when it failed.
  init(
    _ handle: dnnl_primitive_desc_t?, _ status: dnnl_status_t, _ call: String
  ) throws(TensorError) {
    self.handle = try Library.made(handle, status, call)
  }

  deinit { dnnl_primitive_desc_destroy(handle) }
}

/// A primitive with its tensors.
final class LibraryPrimitive {
  private let handle: dnnl_primitive_t
  private let stream: LibraryStream
  private let memories: [LibraryMemory]
  private let arguments: [dnnl_exec_arg_t]

  /// - Parameter scratch: the memory to work in; the primitive asks it for as much as it needs.
  init(
    _ description: LibraryDescription, _ tensors: [(role: Int32, memory: LibraryMemory)],
    scratch: LibraryBlock, stream: LibraryStream
  ) throws(TensorError) {
    var made: dnnl_primitive_t?
    let status = dnnl_primitive_create(&made, description.handle)
    handle = try Library.made(made, status, "primitive_create")
    self.stream = stream
    var tensors = tensors
    let work = try Layout(dnnl_query_scratchpad_md, of: description)
    if work.bytes > 0 { tensors.append((DNNL_ARG_SCRATCHPAD, try scratch.tenant(work))) }
    memories = tensors.map(\.memory)
    arguments = tensors.map { dnnl_exec_arg_t(arg: $0.role, memory: $0.memory.handle) }
  }

  deinit { dnnl_primitive_destroy(handle) }

  func run() throws(TensorError) {
    let count = Int32(truncatingIfNeeded: arguments.count)
    try Library.check(
      dnnl_primitive_execute(handle, stream.handle, count, arguments), "primitive_execute")
    try Library.check(dnnl_stream_wait(stream.handle), "stream_wait")
  }
}
