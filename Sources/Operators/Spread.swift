import Tensors

// The two directions of broadcasting: repeating an operand over a result, and summing a gradient
// back into the operand.

/// Writes `x`, repeated as NumPy would, into every element of `y`.
func spread(_ x: Tensor, over y: Tensor) {
  guard let common = Broadcast(y.shape, x.shape) else { return }
  let width = y.shape.dims.last ?? 1
  let step = common.innerSteps.right
  common.forEachRow { result, _, from in
    if step == 1 || width == 1 {
      (y.base + result).update(from: x.base + from, count: width)
    } else {
      (y.base + result).update(repeating: x.base[from], count: width)
    }
  }
}

/// Sums `dy`, times a factor, over every axis along which an operand of `dx`'s shape was repeated;
/// the sum is written to `dx`, or added to it.
func gather(_ dy: Tensor, into dx: Tensor, factor: Float = 1, adding: Bool = false) {
  guard let common = Broadcast(dy.shape, dx.shape) else { return }
  if !adding { dx.fill(0) }
  let width = dy.shape.dims.last ?? 1
  let step = common.innerSteps.right
  common.forEachRow { from, _, to in
    if step == 1 || width == 1 {
      accumulate(dy.base + from, into: dx.base + to, width, factor)
    } else {
      dx.base[to] += factor * sum(dy.base + from, width)
    }
  }
}

/// `y[i] += factor · x[i]`.
@inline(__always)
func accumulate(
  _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>, _ count: Int,
  _ factor: Float
) {
  var i = 0
  while i + 16 <= count {
    (y + i).store((y + i).vector + factor * (x + i).vector)
    i += 16
  }
  while i < count {
    y[i] += factor * x[i]
    i += 1
  }
}

/// The sum of `count` values, in sixteen partial sums.
@inline(__always)
func sum(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
  var total = Vector.zero
  var i = 0
  while i + 16 <= count {
    total += (x + i).vector
    i += 16
  }
  var result = total.sum()
  while i < count {
    result += x[i]
    i += 1
  }
  return result
}
