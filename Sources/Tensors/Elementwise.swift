/// `y[i] = f(x[i])` for every element, sixteen at a time; `x` and `y` may be the same tensor.
@inlinable @inline(__always)
public func map(_ x: Tensor, into y: Tensor, _ f: (Vector) -> Vector) {
  let count = y.count
  var i = 0
  while i + 16 <= count {
    (y.base + i).store(f((x.base + i).vector))
    i += 16
  }
  if i < count { (y.base + i).store(f((x.base + i).vector(first: count - i)), first: count - i) }
}

/// `c[i] = f(a[i], b[i])` for every element of tensors of as many elements.
@inlinable @inline(__always)
public func zip(_ a: Tensor, _ b: Tensor, into c: Tensor, _ f: (Vector, Vector) -> Vector) {
  let count = c.count
  var i = 0
  while i + 16 <= count {
    (c.base + i).store(f((a.base + i).vector, (b.base + i).vector))
    i += 16
  }
  if i < count {
    let rest = count - i
    (c.base + i).store(
      f((a.base + i).vector(first: rest), (b.base + i).vector(first: rest)), first: rest)
  }
}
