import Tensors

// The two directions of broadcasting: repeating an operand over a result, and summing a gradient
// back into the operand.

/// Writes `x`, repeated as NumPy would, into every element of `y`.
func broadcast(_ x: Tensor, over y: Tensor) {
  guard let common = Broadcast(y.shape, x.shape)?.collapsed else { return }
  let width = common.shape.dims.last ?? 1
  let step = common.innerSteps.right
  common.forEachRow { result, _, from in
    if step == 1 {
      (y.base + result).update(from: x.base + from, count: width)
    } else {
      (y.base + result).update(repeating: x.base[from], count: width)
    }
  }
}

/// Whether `x` is one row that `y`, of two axes, repeats: the bias of a dense layer.
func isRow(_ x: Shape, of y: Shape) -> Bool { x.dims.last == y[1] && x.count == y[1] }

/// Writes the row `x` into every row of `y`.
func broadcastRow(_ x: Tensor, over y: Tensor) {
  let width = y.shape[1]
  for row in 0..<y.shape[0] { (y.base + row * width).update(from: x.base, count: width) }
}

/// Sums the rows of `dy`, times a factor, into the row `dx`.
func reduceRowsToShape(_ dy: Tensor, into dx: Tensor, factor: Float, adding: Bool) {
  if !adding { dx.fill(0) }
  let width = dy.shape[1]
  sumRows(dy.shape[0], width, into: dx.base) { (dy.base + $0 * width).vector($1) * factor }
}

/// Sums `dy`, times a factor, over every axis along which an operand of `dx`'s shape was repeated;
/// the sum is written to `dx`, or added to it.
func reduceToShape(_ dy: Tensor, into dx: Tensor, factor: Float = 1, adding: Bool = false) {
  if dx.base == dy.base && dx.count == dy.count && factor == 1 && !adding { return }
  reduceToShape(dy, into: dx, Broadcast(dx.shape, dy.shape), adding) { x, from, _, lanes in
    (x + from).vector(lanes) * factor
  }
}

/// The same for the products of `dy` with the other operand, which may have been repeated, too.
func reduceToShape(_ dy: Tensor, times other: Tensor, into dx: Tensor, adding: Bool = false) {
  let common = Broadcast(dx.shape, other.shape)
  let repeated = common?.collapsed.innerSteps.right == 0
  reduceToShape(dy, into: dx, common, adding) { x, from, to, lanes in
    let factor =
      repeated ? Vector(repeating: other.base[to]) : (other.base + to).vector(lanes)
    return (x + from).vector(lanes) * factor
  }
}

/// Walks the pairs of `common`, whose left operand is `dx` and whose result is `dy`, and sums the
/// terms that `term` makes of `dy`, the offsets of a row in `dy` and in the right operand, and lanes.
@inline(__always)
private func reduceToShape(
  _ dy: Tensor, into dx: Tensor, _ common: Broadcast?, _ adding: Bool,
  _ term: (UnsafeMutablePointer<Float>, Int, Int, Lanes) -> Vector
) {
  // An operand of as many elements was not repeated: nothing needs summing.
  let once = dx.count == dy.count
  if !adding && !once { dx.fill(0) }
  guard let common = common?.collapsed else { return }
  let width = common.shape.dims.last ?? 1
  if common.left == [0, 1] {
    sumRows(common.shape[0], width, into: dx.base) {
      term(dy.base, $0 * width, $0 * common.right[0], $1)
    }
    return
  }
  let steps = common.innerSteps
  common.forEachRow { from, to, other in
    let x = dx.base + to
    if steps.left == 1 && once && !adding {
      forEachVector(width) { x.store($0, term(dy.base, from, other, $0)) }
    } else if steps.left == 1 {
      forEachVector(width) { x.store($0, x.vector($0) + term(dy.base, from, other, $0)) }
    } else {
      let sum = sumRow(width) { term(dy.base, from + $0, other + $0 * steps.right, $1) }
      x.pointee = once && !adding ? Float(sum) : Float(Double(x.pointee) + sum)
    }
  }
}

/// Adds the sum of all rows to `x`, in parts of 128 rows: a long sum in float32 loses digits, and
/// the vectors of a part stay in registers.
@inline(__always)
private func sumRows(
  _ rows: Int, _ width: Int, into x: UnsafeMutablePointer<Float>, _ term: (Int, Lanes) -> Vector
) {
  var start = 0
  while start < rows {
    let end = min(rows, start + 128)
    forEachVector(width) { lanes in
      var part = Vector.zero
      for row in start..<end { part += term(row, lanes) }
      x.store(lanes, x.vector(lanes) + part)
    }
    start = end
  }
}

/// The sum of a row, in parts of 2048 elements for the same reason.
@inline(__always)
private func sumRow(_ width: Int, _ term: (Int, Lanes) -> Vector) -> Double {
  var total = 0.0
  var start = 0
  while start < width {
    let piece = min(2048, width - start)
    var part = Vector.zero
    forEachVector(piece) { part += term(start, $0).replacing(with: 0, where: .!$0.mask) }
    total += Double(part.total)
    start += piece
  }
  return total
}
