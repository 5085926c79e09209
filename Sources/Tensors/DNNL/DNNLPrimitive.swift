import CDNNL

/// A primitive that oneDNN has found an implementation for.
final class DNNLDescription {
  let handle: dnnl_primitive_desc_t

  /// Takes over what a call has made.
  ///
  /// - Throws: `TensorError.library` when it failed.
  init(
    _ handle: dnnl_primitive_desc_t?, _ status: dnnl_status_t, _ call: String
  ) throws(TensorError) {
    self.handle = try DNNL.made(handle, status, call)
  }

  deinit { dnnl_primitive_desc_destroy(handle) }
}

/// A primitive with its tensors.
final class DNNLPrimitive {
  private let handle: dnnl_primitive_t
  private let stream: DNNLStream
  private let memories: [DNNLMemory]
  private let arguments: [dnnl_exec_arg_t]

  /// - Parameter scratch: the memory to work in; the primitive asks it for as much as it needs.
  init(
    _ description: DNNLDescription, _ tensors: [(role: Int32, memory: DNNLMemory)],
    scratch: DNNLBlock, stream: DNNLStream
  ) throws(TensorError) {
    var made: dnnl_primitive_t?
    let status = dnnl_primitive_create(&made, description.handle)
    handle = try DNNL.made(made, status, "primitive_create")
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
    try DNNL.check(
      dnnl_primitive_execute(handle, stream.handle, count, arguments), "primitive_execute")
    try DNNL.check(dnnl_stream_wait(stream.handle), "stream_wait")
  }
}
