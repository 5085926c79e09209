import Tensors

/// Memory that a kernel owns: an arena with the tensors cut off it.
struct Scratch {
  private let arena: Arena
  let tensors: [Tensor]

  /// Zeroed tensors of those shapes.
  ///
  /// - Throws: `OperatorError.tensor` when they are too large.
  init(_ dims: [[Int]]) throws(OperatorError) {
    do throws(TensorError) {
      var shapes: [Shape] = []
      var bytes = 0
      for dims in dims {
        let shape = try Shape(dims)
        let (sum, overflow) = bytes.addingReportingOverflow(Arena.bytes(shape.count))
        guard !overflow else { throw .shape(dims) }
        bytes = sum
        shapes.append(shape)
      }
      arena = try Arena(bytes: bytes)
      var tensors: [Tensor] = []
      for shape in shapes { tensors.append(try arena.tensor(shape)) }
      self.tensors = tensors
    } catch { throw .tensor(error) }
  }

  /// Zeroed tensors of as many floats each.
  ///
  /// - Throws: `OperatorError.tensor` when they are too large.
  init(counts: [Int]) throws(OperatorError) { try self.init(counts.map { [$0] }) }

  /// The first element of a tensor.
  subscript(_ index: Int) -> UnsafeMutablePointer<Float> { tensors[index].base }
}
