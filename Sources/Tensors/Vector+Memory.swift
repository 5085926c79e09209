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
  ///
  /// By the bits of the count, in at most five loads: a loop over lanes takes ten times as long.
  @inlinable @inline(__always) public func vector(first count: Int) -> Vector {
    var from = UnsafeRawPointer(self)
    var eight = SIMD8<Float>.zero
    var four = SIMD4<Float>.zero
    var rest = SIMD4<Float>.zero
    if count & 8 != 0 {
      eight = from.loadUnaligned(as: SIMD8<Float>.self)
      from += 32
    }
    if count & 4 != 0 {
      four = from.loadUnaligned(as: SIMD4<Float>.self)
      from += 16
    }
    if count & 3 > 0 { rest[0] = from.loadUnaligned(as: Float.self) }
    if count & 3 > 1 { rest[1] = (from + 4).loadUnaligned(as: Float.self) }
    if count & 3 > 2 { rest[2] = (from + 8).loadUnaligned(as: Float.self) }
    let last =
      count & 4 != 0 ? SIMD8(lowHalf: four, highHalf: rest) : SIMD8(lowHalf: rest, highHalf: .zero)
    return count & 8 != 0
      ? Vector(lowHalf: eight, highHalf: last) : Vector(lowHalf: last, highHalf: .zero)
  }

  /// Writes the first `count` < 16 floats of a vector.
  @inlinable @inline(__always) public func store(_ vector: Vector, first count: Int) {
    var to = UnsafeMutableRawPointer(self)
    var eight = vector.lowHalf
    if count & 8 != 0 {
      to.storeBytes(of: eight, as: SIMD8<Float>.self)
      to += 32
      eight = vector.highHalf
    }
    var four = eight.lowHalf
    if count & 4 != 0 {
      to.storeBytes(of: four, as: SIMD4<Float>.self)
      to += 16
      four = eight.highHalf
    }
    if count & 3 > 0 { to.storeBytes(of: four[0], as: Float.self) }
    if count & 3 > 1 { (to + 4).storeBytes(of: four[1], as: Float.self) }
    if count & 3 > 2 { (to + 8).storeBytes(of: four[2], as: Float.self) }
  }
}
