/// Sixteen floats: one AVX-512 register, two AVX ones, four of the baseline.
public typealias Vector = SIMD16<Float>

/// One truth value per lane: all bits of a lane are set, or none.
public typealias VectorMask = SIMDMask<SIMD16<Int32>>

// The standard library writes most operations on floats lane by lane and leaves it to the optimizer
// to find the vectors again, which fails where a selection stands between them. Its comparisons and
// its operations on masks are vector instructions: selection is built on those.
extension Vector {
  @inlinable @inline(__always) var mask: VectorMask { unsafeBitCast(self, to: VectorMask.self) }

  @inlinable @inline(__always) var bits: SIMD16<Int32> {
    unsafeBitCast(self, to: SIMD16<Int32>.self)
  }

  @inlinable @inline(__always) init(bits: SIMD16<Int32>) {
    self = unsafeBitCast(bits, to: Vector.self)
  }

  @inlinable @inline(__always) init(mask: VectorMask) {
    self = unsafeBitCast(mask, to: Vector.self)
  }

  /// These lanes, and those of `other` where `mask` is set.
  @inlinable @inline(__always)
  public func replacing(with other: Vector, where mask: VectorMask) -> Vector {
    Vector(mask: self.mask.replacing(with: other.mask, where: mask))
  }

  /// These lanes, and `other` where `mask` is set.
  @inlinable @inline(__always)
  public func replacing(with other: Float, where mask: VectorMask) -> Vector {
    replacing(with: Vector(repeating: other), where: mask)
  }

  /// The sum of all lanes, by halves: the library's own adds one after another.
  @inlinable @inline(__always) public var total: Float {
    let eight = lowHalf + highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  /// The largest lane.
  @inlinable @inline(__always) public var largest: Float {
    let swapped = Vector(lowHalf: highHalf, highHalf: lowHalf)
    let eight = replacing(with: swapped, where: swapped .> self).lowHalf
    let low = (Swift.max(eight[0], eight[1]), Swift.max(eight[2], eight[3]))
    let high = (Swift.max(eight[4], eight[5]), Swift.max(eight[6], eight[7]))
    return Swift.max(Swift.max(low.0, low.1), Swift.max(high.0, high.1))
  }

  /// Every lane without its sign.
  @inlinable @inline(__always) public var magnitude: Vector {
    Vector(mask: mask .& lanes(0x7FFF_FFFF))
  }

  /// The lanes, negated where those of `other` have a sign.
  @inlinable @inline(__always) public func signed(by other: Vector) -> Vector {
    Vector(mask: mask .^ (other.mask .& Vector(repeating: -0.0).mask))
  }
}

/// The same bits in every lane.
@inlinable @inline(__always) func lanes(_ bits: Int32) -> VectorMask {
  unsafeBitCast(SIMD16<Int32>(repeating: bits), to: VectorMask.self)
}
