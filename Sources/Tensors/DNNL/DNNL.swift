import CDNNL

/// What all of oneDNN's objects need.
enum DNNL {
  /// The processor. An engine never changes, and oneDNN lets all threads share one.
  nonisolated(unsafe) private static let shared: (engine: dnnl_engine_t?, status: dnnl_status_t) = {
    var engine: dnnl_engine_t?
    let status = dnnl_engine_create(&engine, dnnl_cpu, 0)
    return (engine, status)
  }()

  /// The engine of this process.
  ///
  /// - Throws: `TensorError.library` when there is none.
  static func engine() throws(TensorError) -> dnnl_engine_t {
    try made(shared.engine, shared.status, "engine_create")
  }

  /// - Throws: `TensorError.library` when a call has failed.
  static func check(_ status: dnnl_status_t, _ call: String) throws(TensorError) {
    guard status == dnnl_success else { throw .library(call, Int(status.rawValue)) }
  }

  /// What a call has made.
  ///
  /// - Throws: `TensorError.library` when it failed.
  static func made<Handle>(
    _ handle: Handle?, _ status: dnnl_status_t, _ call: String
  ) throws(TensorError) -> Handle {
    try check(status, call)
    guard let handle else { throw .library(call, Int(dnnl_out_of_memory.rawValue)) }
    return handle
  }

  /// A list as long as oneDNN declares its own.
  static func list(_ values: [Int]) -> [Int64] {
    values.map(Int64.init) + Array(repeating: 0, count: max(0, Int(DNNL_MAX_NDIMS) - values.count))
  }
}

/// Where oneDNN runs its primitives: at once, on the calling thread.
final class DNNLStream {
  let handle: dnnl_stream_t

  init() throws(TensorError) {
    var made: dnnl_stream_t?
    let flags = UInt32(dnnl_stream_default_flags.rawValue)
    let status = dnnl_stream_create(&made, try DNNL.engine(), flags)
    handle = try DNNL.made(made, status, "stream_create")
  }

  deinit { dnnl_stream_destroy(handle) }
}

/// What every primitive is made with: the caller gives it the memory to work in.
final class DNNLAttributes {
  let handle: dnnl_primitive_attr_t

  /// - Parameter adding: whether a result is added to what is there.
  init(adding: Bool = false) throws(TensorError) {
    var made: dnnl_primitive_attr_t?
    let status = adding ? cdnnl_attributes_adding(&made) : cdnnl_attributes_new(&made)
    handle = try DNNL.made(made, status, "primitive_attr_create")
  }

  deinit { dnnl_primitive_attr_destroy(handle) }
}
