// Rounding of sixteen floats at a time; the library's own works lane by lane. Signs of zero, NaNs
// and infinities pass through.

extension Vector {
  /// The nearest whole numbers, halves to the even one.
  @inlinable @inline(__always) public var nearest: Vector {
    // At 2²³ and above every float is whole; adding it to smaller ones rounds them.
    let magnitude = magnitude
    let rounded = (magnitude + 8_388_608 - 8_388_608).signed(by: self)
    return replacing(with: rounded, where: magnitude .< 8_388_608)
  }

  /// The largest whole numbers that are not above.
  @inlinable @inline(__always) public var floor: Vector {
    let nearest = nearest
    return nearest.replacing(with: nearest - 1, where: nearest .> self)
  }

  /// The smallest whole numbers that are not below.
  @inlinable @inline(__always) public var ceiling: Vector {
    let nearest = nearest
    let above = (nearest + 1).magnitude.signed(by: self)
    return nearest.replacing(with: above, where: nearest .< self)
  }

  /// The whole parts.
  @inlinable @inline(__always) public var truncated: Vector {
    magnitude.floor.signed(by: self)
  }
}
