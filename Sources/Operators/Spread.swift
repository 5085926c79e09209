import Tensors

// The two directions of broadcasting: repeating an operand over a result, and summing a gradient
// back into the operand.

/// Writes `x`, repeated as NumPy would, into every element of `y`.
func spread(_ x: Tensor, over y: Tensor) {
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

/// Sums `dy`, times a factor, over every axis along which an operand of `dx`'s shape was repeated;
/// the sum is written to `dx`, or added to it.
func gather(_ dy: Tensor, into dx: Tensor, factor: Float = 1, adding: Bool = false) {
  gather(dy, into: dx, Broadcast(dx.shape, dy.shape), adding) { x, from, _, lanes in
    (x + from).vector(lanes) * factor
  }
}

/// The same for the products of `dy` with the other operand, which may have been repeated, too.
func gather(_ dy: Tensor, times other: Tensor, into dx: Tensor, adding: Bool = false) {
  let common = Broadcast(dx.shape, other.shape)
  let repeated = common?.collapsed.innerSteps.right == 0
  gather(dy, into: dx, common, adding) { x, from, to, lanes in
    let factor =
      repeated ? Vector(repeating: other.base[to]) : (other.base + to).vector(lanes)
    return (x + from).vector(lanes) * factor
  }
}

/// Walks the pairs of `common`, whose left operand is `dx` and whose result is `dy`, and sums the
/// terms that `term` makes of `dy`, the offsets of a row in `dy` and in the right operand, and lanes.
@inline(__always)
private func gather(
  _ dy: Tensor, into dx: Tensor, _ common: Broadcast?, _ adding: Bool,
  _ term: (UnsafeMutablePointer<Float>, Int, Int, Lanes) -> Vector
) {
  // An operand of as many elements was not repeated: nothing needs summing.
  let once = dx.count == dy.count
  if !adding && !once { dx.fill(0) }
  guard let common = common?.collapsed else { return }
  let width = common.shape.dims.last ?? 1
  let step = common.innerSteps.left
  common.forEachRow { from, to, other in
    let x = dx.base + to
    if step == 1 && once && !adding {
      forEachVector(width) { x.store($0, term(dy.base, from, other, $0)) }
    } else if step == 1 {
      forEachVector(width) { x.store($0, x.vector($0) + term(dy.base, from, other, $0)) }
    } else {
      var sum = Vector.zero
      forEachVector(width) { lanes in
        sum += term(dy.base, from, other, lanes).replacing(with: 0, where: .!lanes.mask)
      }
      x.pointee = once && !adding ? sum.total : x.pointee + sum.total
    }
  }
}
