import CDNNL

/// A row-major matrix over borrowed floats, read as it lies or transposed.
public struct Matrix {
  let base: UnsafeMutablePointer<Float>
  let rows: Int
  let columns: Int
  let stride: Int
  let transposed: Bool

  /// `rows` × `columns` values at `base`, in memory order; `transposed` swaps the two when read.
  ///
  /// - Parameter stride: floats from one row to the next; nil when they follow each other.
  public init(
    _ base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil,
    transposed: Bool = false
  ) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
    self.transposed = transposed
  }

  /// The same values read the other way.
  public var t: Matrix {
    Matrix(base, rows: rows, columns: columns, stride: stride, transposed: !transposed)
  }

  var height: Int { transposed ? columns : rows }
  var width: Int { transposed ? rows : columns }
  var isDense: Bool { stride == columns }
  var flag: CChar { transposed ? 0x54 : 0x4E }
}

/// `c = alpha · a · b + beta · c` through oneDNN; with `beta` 0, `c` is written without being read.
///
/// Products with a single row or column are our own. Which of oneDNN's two ways the others take depends
/// on the lengths and factors alone.
///
/// `c` must be neither transposed nor strided, and the three must fit: the callers' shape rules have
/// seen to that.
/// - Throws: `TensorError.library` when oneDNN fails.
public func multiply(
  _ a: Matrix, _ b: Matrix, into c: Matrix, alpha: Float = 1, beta: Float = 0
) throws(TensorError) {
  guard c.rows > 0, c.columns > 0 else { return }
  guard a.width > 0 else {
    let all = UnsafeMutableBufferPointer(start: c.base, count: c.rows * c.columns)
    for i in all.indices { all[i] = beta == 0 ? 0 : all[i] * beta }
    return
  }
  if VectorProduct.multiply(a, b, into: c, alpha: alpha, beta: beta) { return }
  let key = ProductPrimitive.Key(
    rows: c.rows, columns: c.columns, depth: a.width,
    transposed: (a.transposed, b.transposed), adds: beta == 1)
  if a.isDense, b.isDense, alpha == 1, beta == 0 || beta == 1, ProductTable.takes(key),
    let primitive = ProductTable.current?.primitive(key)
  {
    return try primitive.run(a.base, b.base, into: c.base)
  }
  let status = dnnl_sgemm(
    a.flag, b.flag, dnnl_dim_t(c.rows), dnnl_dim_t(c.columns), dnnl_dim_t(a.width), alpha,
    a.base, dnnl_dim_t(max(1, a.stride)), b.base, dnnl_dim_t(max(1, b.stride)), beta,
    c.base, dnnl_dim_t(max(1, c.columns)))
  guard status == dnnl_success else { throw .library("sgemm", Int(status.rawValue)) }
}

/// Keeps oneDNN to the calling thread: work is shared by lanes, not inside a product.
public func useOneThreadPerProduct() { omp_set_num_threads(1) }
