import Tensors

/// The scratch memory of one kernel.
struct Workspace {
  private let arena: Arena
  /// One tensor for every shape that was asked for.
  let tensors: [Tensor]

  /// Memory for tensors of those shapes.
  ///
  /// - Throws: `OperatorError.tensor` when the system has none.
  init(_ shapes: [Shape]) throws(OperatorError) {
    do throws(TensorError) {
      arena = try Arena(bytes: shapes.reduce(0) { $0 + Arena.bytes($1.count) })
      var tensors: [Tensor] = []
      for shape in shapes { tensors.append(try arena.tensor(shape)) }
      self.tensors = tensors
    } catch { throw .tensor(error) }
  }
}
