/// Sixteen floats: one AVX-512 register, two AVX ones, four of the baseline.
public typealias Vector = SIMD16<Float>

extension UnsafeMutablePointer<Float> {
  /// The sixteen floats from here on.
  @inlinable @inline(__always) public var vector: Vector {
    UnsafeRawPointer(self).loadUnaligned(as: Vector.self)
  }

  /// Writes sixteen floats from here on.
  @inlinable @inline(__always) public func store(_ vector: Vector) {
    UnsafeMutableRawPointer(self).storeBytes(of: vector, as: Vector.self)
  }

  /// The first `count` < 16 floats from here on, the rest zero.
  @inlinable @inline(__always) public func vector(first count: Int) -> Vector {
    var result = Vector.zero
    for lane in 0..<count { result[lane] = self[lane] }
    return result
  }

  /// Writes the first `count` < 16 floats of a vector.
  @inlinable @inline(__always) public func store(_ vector: Vector, first count: Int) {
    for lane in 0..<count { self[lane] = vector[lane] }
  }
}

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
