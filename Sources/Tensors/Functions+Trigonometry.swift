import Glibc

// Sine and cosine of sixteen floats at a time. Up to a magnitude of 8192 the largest absolute error
// is 1e-7, and 1.47 ulp within ±20; lanes beyond go through libm one by one.

/// The sine of an angle in radians; NaN for infinities.
@inlinable @inline(__always)
public func sin(_ x: Vector) -> Vector { circular(x, quarter: 0) }

/// The cosine of an angle in radians; NaN for infinities.
@inlinable @inline(__always)
public func cos(_ x: Vector) -> Vector { circular(x, quarter: 1) }

/// sin(x + quarter·π/2).
@inlinable @inline(__always)
func circular(_ x: Vector, quarter: Int32) -> Vector {
  // x = n·π/2 + r with π/2 in four parts (Cody and Waite), of which n times the first three are
  // exact below 8192.
  let biased = x * 0.636_619_75 + roundingBias
  let n = biased - roundingBias
  let first = x - n * 1.570_312_5
  let second = first - n * 4.837_512_969_970_703_1e-4
  let r = (second - n * 7.549_533_620_476_723e-8) - n * 2.563_344e-12
  let z = r * r
  var s = Vector(repeating: 2.718_274_6e-6)
  s = s * z + -1.983_933e-4
  s = s * z + 8.333_329e-3
  s = s * z + -1.666_666_7e-1
  let sine = s * (r * z) + r
  var c = Vector(repeating: -2.720_989_3e-7)
  c = c * z + 2.479_951_6e-5
  c = c * z + -1.388_888_3e-3
  c = c * z + 4.166_666_8e-2
  let cosine = c * (z * z) + (1 - z * 0.5)
  let turn = (biased.bits &- roundingBits) &+ quarter
  // All bits of a lane from its lowest one: comparisons of integers go lane by lane.
  let odd = unsafeBitCast(SIMD16<Int32>.zero &- (turn & 1), to: VectorMask.self)
  // Two quarters turn the sign.
  let sign = Vector(bits: (turn & 2) &<< 30)
  let y = sine.replacing(with: cosine, where: odd).signed(by: sign)
  if isSet((x.magnitude .> 8192) .| (x .!= x)) { return libm(x, y, quarter) }
  // sin(−0) is −0, which the sum of n·π/2 and r has lost.
  return quarter == 0 ? y.replacing(with: x, where: x .== 0) : y
}

/// `y` with the lanes of large angles computed by libm. Apart, so that the rest stays in registers.
@inline(never) @usableFromInline
func libm(_ x: Vector, _ y: Vector, _ quarter: Int32) -> Vector {
  var y = y
  for lane in 0..<16 where !(x[lane].magnitude <= 8192) || x[lane] == 0 {
    y[lane] = quarter == 0 ? sinf(x[lane]) : cosf(x[lane])
  }
  return y
}

/// Whether a lane of a mask is set, by halves: the library's own asks one lane after another.
@inlinable @inline(__always)
func isSet(_ mask: VectorMask) -> Bool {
  let bits = unsafeBitCast(mask, to: SIMD16<Int32>.self)
  let eight = bits.lowHalf | bits.highHalf
  let four = eight.lowHalf | eight.highHalf
  return unsafeBitCast(four.lowHalf | four.highHalf, to: UInt64.self) != 0
}
