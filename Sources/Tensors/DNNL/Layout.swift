import CDNNL

/// How a tensor lies in memory: its lengths, and plain steps or one of oneDNN's blocked orders.
final class Layout {
  let handle: cdnnl_layout

  /// Values with those steps, in elements; without steps, an order that the primitive may choose.
  ///
  /// - Throws: `TensorError.library` when oneDNN refuses the lengths.
  init(_ lengths: [Int], steps: [Int]?) throws(TensorError) {
    var made: cdnnl_layout?
    let rank = Int32(truncatingIfNeeded: lengths.count)
    let status = cdnnl_layout_new(
      &made, rank, DNNL.list(lengths), steps.map { DNNL.list($0) })
    handle = try DNNL.made(made, status, "memory_desc_create")
  }

  /// Values in blocks of 16 channels.
  ///
  /// - Throws: `TensorError.library` when oneDNN refuses the lengths.
  init(blocks lengths: [Int]) throws(TensorError) {
    var made: cdnnl_layout?
    let rank = Int32(truncatingIfNeeded: lengths.count)
    let status = cdnnl_layout_blocks(&made, rank, DNNL.list(lengths))
    handle = try DNNL.made(made, status, "memory_desc_create")
  }

  /// The one that a primitive has chosen for a tensor.
  init(_ what: dnnl_query_t, of description: DNNLDescription) throws(TensorError) {
    var made: cdnnl_layout?
    let status = cdnnl_layout_query(&made, description.handle, what, 0)
    handle = try DNNL.made(made, status, "primitive_desc_query_md")
  }

  deinit { cdnnl_layout_free(handle) }

  /// The size of a tensor.
  var bytes: Int { Int(clamping: cdnnl_layout_bytes(handle)) }

  /// Whether both put every element in the same place.
  func equals(_ other: Layout) -> Bool { cdnnl_layout_equal(handle, other.handle) != 0 }

  /// The steps of a row-major tensor.
  static func steps(_ lengths: [Int]) -> [Int] {
    var steps = [Int](repeating: 1, count: lengths.count)
    for axis in lengths.indices.dropLast().reversed() {
      steps[axis] = steps[axis + 1] * lengths[axis + 1]
    }
    return steps
  }
}
