import Tensors

// Small helpers that the shape rules of the operators share.

extension Array where Element == Operand? {
  /// The operand at an index, which the arity check has seen to be there.
  ///
  /// - Throws: `OperatorError.shapes` when it was skipped all the same.
  public func required(_ index: Int) throws(OperatorError) -> Operand {
    guard index < count, let operand = self[index] else {
      throw .shapes(found: "no input \(index)", expected: "a tensor there")
    }
    return operand
  }

  /// The operand at an index; nil when it was skipped.
  public func optional(_ index: Int) -> Operand? { index < count ? self[index] : nil }
}

extension Array where Element == Tensor? {
  /// The tensor at an index; nil when it was skipped.
  public func optional(_ index: Int) -> Tensor? { index < count ? self[index] : nil }
}

extension Shape {
  /// A shape inside a shape rule.
  ///
  /// - Throws: `OperatorError.tensor` when the lengths are negative or too large.
  public static func of(_ dims: [Int]) throws(OperatorError) -> Shape {
    do throws(TensorError) { return try Shape(dims) } catch { throw .tensor(error) }
  }
}

/// `multiply`, with the error of an operator.
///
/// - Throws: `OperatorError.tensor` when oneDNN fails.
func product(
  _ a: Matrix, _ b: Matrix, into c: Matrix, alpha: Float = 1, beta: Float = 0
) throws(OperatorError) {
  do throws(TensorError) {
    try multiply(a, b, into: c, alpha: alpha, beta: beta)
  } catch { throw .tensor(error) }
}
