import Tensors

/// The shape to which all operands broadcast.
///
/// - Throws: `OperatorError.shapes` when there is none.
func commonShape(_ operands: [Operand]) throws(OperatorError) -> Shape {
  var result = Shape.scalar
  for operand in operands {
    guard let common = Broadcast(result, operand.shape) else {
      throw .shapes(
        found: operands.map { "\($0.shape)" }.joined(separator: " and "),
        expected: "shapes that broadcast")
    }
    result = common.shape
  }
  return result
}

/// `y = f(a, b)` for every pair of elements that meet.
@inline(__always)
func combine(_ a: Tensor, _ b: Tensor, into y: Tensor, _ f: (Vector, Vector) -> Vector) {
  guard let common = Broadcast(a.shape, b.shape)?.collapsed else { return }
  let width = common.shape.dims.last ?? 1
  let steps = common.innerSteps
  common.forEachRow { at, left, right in
    let (x, y, z) = (a.base + left, b.base + right, y.base + at)
    if steps.left == 1, steps.right == 1 {
      forEachVector(width) { z.store($0, f(x.vector($0), y.vector($0))) }
    } else if steps.left == 1 {
      let repeated = Vector(repeating: y.pointee)
      forEachVector(width) { z.store($0, f(x.vector($0), repeated)) }
    } else {
      let repeated = Vector(repeating: x.pointee)
      if steps.right == 1 {
        forEachVector(width) { z.store($0, f(repeated, y.vector($0))) }
      } else {
        let value = f(repeated, Vector(repeating: y.pointee))
        forEachVector(width) { z.store($0, value) }
      }
    }
  }
}

/// Calls `body` for every sixteen elements of the common shape: the offset of their row in the
/// result, their lanes in it, and the elements of both operands.
@inline(__always)
func forEachPair(_ a: Tensor, _ b: Tensor, _ body: (Int, Lanes, Vector, Vector) -> Void) {
  guard let common = Broadcast(a.shape, b.shape)?.collapsed else { return }
  let width = common.shape.dims.last ?? 1
  let steps = common.innerSteps
  common.forEachRow { row, left, right in
    let (x, y) = (a.base + left, b.base + right)
    if steps.left == 1, steps.right == 1 {
      forEachVector(width) { body(row, $0, x.vector($0), y.vector($0)) }
    } else if steps.left == 1 {
      let repeated = Vector(repeating: y.pointee)
      forEachVector(width) { body(row, $0, x.vector($0), repeated) }
    } else {
      let repeated = Vector(repeating: x.pointee)
      forEachVector(width) {
        body(row, $0, repeated, steps.right == 1 ? y.vector($0) : Vector(repeating: y.pointee))
      }
    }
  }
}
