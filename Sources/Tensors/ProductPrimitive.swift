import CDNNL

/// A matrix product for given lengths as a primitive of oneDNN. It is made within a tenth of a
/// millisecond, where the first call of `dnnl_sgemm` assembles its kernels for all lengths, which takes
/// twenty; up to some hundred rows and columns it is as fast or faster.
final class ProductPrimitive {
  /// What products must have in common to share a primitive.
  struct Key: Hashable {
    let rows: Int
    let columns: Int
    let depth: Int
    let transposed: (a: Bool, b: Bool)
    /// Whether the product is added to what is there.
    let adds: Bool

    static func == (a: Key, b: Key) -> Bool {
      a.rows == b.rows && a.columns == b.columns && a.depth == b.depth
        && a.transposed == b.transposed && a.adds == b.adds
    }

    /// One number instead of six: this is asked for every product.
    func hash(into hasher: inout Hasher) {
      let flags = (transposed.a ? 1 : 0) | (transposed.b ? 2 : 0) | (adds ? 4 : 0)
      hasher.combine((((rows &* 8191) ^ columns) &* 8191 ^ depth) &* 8 ^ flags)
    }
  }

  private let a: DNNLMemory
  private let b: DNNLMemory
  private let c: DNNLMemory
  private let primitive: DNNLPrimitive

  /// - Returns: nil where oneDNN has no kernel of its own for such a product.
  /// - Throws: `TensorError` when oneDNN or the system runs out of memory.
  init?(_ key: Key, scratch: DNNLBlock, stream: DNNLStream) throws(TensorError) {
    a = try Self.memory(key.rows, key.depth, key.transposed.a)
    b = try Self.memory(key.depth, key.columns, key.transposed.b)
    c = try Self.memory(key.rows, key.columns, false)
    let attributes = try DNNLAttributes(adding: key.adds)
    var made: dnnl_primitive_desc_t?
    let status = cdnnl_product_describe(
      &made, a.layout.handle, b.layout.handle, c.layout.handle, try DNNL.engine(),
      attributes.handle)
    let description = try DNNLDescription(made, status, "matmul_primitive_desc_create")
    guard cdnnl_is_block_product(description.handle) != 0 else { return nil }
    primitive = try DNNLPrimitive(
      description, [(DNNL_ARG_SRC, a), (DNNL_ARG_WEIGHTS, b), (DNNL_ARG_DST, c)],
      scratch: scratch, stream: stream)
  }

  /// A matrix without gaps; a transposed one lies column by column.
  private static func memory(
    _ rows: Int, _ columns: Int, _ transposed: Bool
  ) throws(TensorError) -> DNNLMemory {
    try DNNLMemory(
      try Layout([rows, columns], steps: transposed ? [1, rows] : [columns, 1]))
  }

  func run(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    into c: UnsafeMutablePointer<Float>
  ) throws(TensorError) {
    try self.a.point(at: a)
    try self.b.point(at: b)
    try self.c.point(at: c)
    try primitive.run()
  }
}
