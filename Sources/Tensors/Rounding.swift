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

  /// The nearest float16 numbers, ties to even: infinity from 65520 on, steps of 2⁻²⁴ below 2⁻¹⁴.
  @inlinable @inline(__always) public var half: Vector {
    let magnitude = magnitude
    // From 1/2 to 1 floats lie 2⁻²⁴ apart: the sum is rounded as the small ones must be.
    let small = (magnitude + 0.5 - 0.5).signed(by: self)
    return shortened(by: 13).replacing(with: small, where: magnitude .< 0x1p-14)
      .replacing(
        with: Vector(repeating: .infinity).signed(by: self), where: magnitude .>= 65_520
      )
      .replacing(with: self, where: self .!= self)
  }

  /// The nearest bfloat16 numbers, ties to even.
  @inlinable @inline(__always) public var brain: Vector {
    shortened(by: 16).replacing(with: self, where: self .!= self)
  }

  /// Rounded to fewer bits behind the point, ties to even; a carry runs on into the exponent.
  @inlinable @inline(__always) func shortened(by count: Int32) -> Vector {
    let odd = (bits &>> count) & 1
    let half = SIMD16<Int32>(repeating: (1 &<< (count &- 1)) &- 1)
    return Vector(bits: (bits &+ half &+ odd) & SIMD16<Int32>(repeating: -1 &<< count))
  }
}
