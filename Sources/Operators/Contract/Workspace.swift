import Tensors

/// Memory that a kernel owns: an arena with the tensors cut off it. What a step of oneDNN needs for
/// itself is not in it.
struct Workspace {
  private let arena: Arena
  /// One tensor for every shape that was asked for.
  let tensors: [Tensor]

  /// Zeroed tensors of those shapes.
  ///
  /// - Throws: `OperatorError.tensor` when they are too large, or the system has no memory for them.
  init(_ shapes: [Shape]) throws(OperatorError) {
    do throws(TensorError) {
      var bytes = 0
      for shape in shapes {
        let (sum, overflow) = bytes.addingReportingOverflow(Arena.bytes(shape.count))
        guard !overflow else { throw .shape(shape.dims) }
        bytes = sum
      }
      arena = try Arena(bytes: bytes)
      var tensors: [Tensor] = []
      for shape in shapes { tensors.append(try arena.tensor(shape)) }
      self.tensors = tensors
    } catch { throw .tensor(error) }
  }

  /// Zeroed tensors of those lengths.
  ///
  /// - Throws: `OperatorError.tensor` when they are too large, or the system has no memory for them.
  init(dims: [[Int]]) throws(OperatorError) {
    var shapes: [Shape] = []
    for dims in dims { shapes.append(try Shape.of(dims)) }
    try self.init(shapes)
  }

  /// Zeroed tensors of as many floats each.
  ///
  /// - Throws: `OperatorError.tensor` when they are too large, or the system has no memory for them.
  init(counts: [Int]) throws(OperatorError) { try self.init(dims: counts.map { [$0] }) }

  /// The first element of a tensor.
  subscript(_ index: Int) -> UnsafeMutablePointer<Float> { tensors[index].base }
}
