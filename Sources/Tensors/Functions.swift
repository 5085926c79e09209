// Transcendental functions on sixteen floats at a time. The polynomials are minimax fits in the
// manner of Cephes (Moshier), evaluated by Horner's rule. Largest errors against libm in double over
// every 97th float, subnormals included: exp 0.97 ulp, log 0.79, tanh 1.50, sigmoid 2.29, softplus
// 2.71, log1p 2.43. Tests/TensorsTests holds them.
//
// The order of factors is part of the speed: `p * (m * z)` compiles to vectors, `p * m * z` to lanes.

/// Adding 1.5·2²³ leaves a float's nearest integer in the low bits of its significand: rounding and
/// conversion in one addition, for magnitudes below 2²².
@inlinable @inline(__always) var roundingBias: Float { 12_582_912 }
@inlinable @inline(__always) var roundingBits: Int32 { 0x4B40_0000 }

/// `e^x`: 0 below −104, infinity above 88.73, NaN for NaN.
@inlinable @inline(__always)
public func exp(_ x: Vector) -> Vector { exp(x, plus: Vector(repeating: -0.0)) }

/// `e^(x + rest)` for a small rest that would be lost in the sum: |rest| ≤ 0.05.
@inlinable @inline(__always)
func exp(_ x: Vector, plus rest: Vector) -> Vector {
  // Not `clamped`: that one works lane by lane.
  let floored = x.replacing(with: -104, where: x .< -104)
  let (p, whole) = significand(floored.replacing(with: 89, where: floored .> 89), plus: rest)
  // 2^n in two factors: one alone would leave the range of normal floats at both ends.
  let half = whole &>> 1
  let first = Vector(bits: (half &+ 127) &<< 23)
  let second = Vector(bits: (whole &- half &+ 127) &<< 23)
  return p * first * second
}

/// `e^x` for x ≤ 0 beside numbers near 1: below −87 it is that of −87.
@inlinable @inline(__always)
func smallExp(_ x: Vector) -> Vector {
  let (p, n) = significand(
    x.replacing(with: -87, where: x .< -87), plus: Vector(repeating: -0.0))
  return p * Vector(bits: (n &+ 127) &<< 23)
}

/// `e^(x + rest)` as p · 2ⁿ, from −104 to 89; p is NaN for NaN.
@inlinable @inline(__always)
func significand(_ clamped: Vector, plus rest: Vector) -> (p: Vector, n: SIMD16<Int32>) {
  let biased = clamped * 1.442_695_04 + roundingBias
  let n = biased - roundingBias
  // ln 2 in two parts, so that n·ln 2 is exact in its first.
  let r = (clamped - n * 0.693_359_375) - n * -2.121_944_4e-4 + rest
  var p = Vector(repeating: 1.987_569_15e-4)
  p = p * r + 1.398_199_95e-3
  p = p * r + 8.333_451_9e-3
  p = p * r + 4.166_579_6e-2
  p = p * r + 1.666_666_55e-1
  p = p * r + 5.000_000_1e-1
  p = p * (r * r) + r + 1
  return (p, biased.bits &- roundingBits)
}

/// The natural logarithm: −infinity at 0, NaN below, infinity at infinity.
@inlinable @inline(__always)
public func log(_ x: Vector) -> Vector {
  // Subnormals are scaled into the normal range first.
  let tiny = x .< Float.leastNormalMagnitude
  let scaled = x.replacing(with: x * 8_388_608, where: tiny)
  // x = 2^k · (1 + m) with 1 + m from √½ to √2: the bits of √½ are taken off, so that the exponent
  // field that is left counts from there.
  let k = (scaled.bits &- 0x3F35_04F3) &>> 23
  let m = Vector(bits: scaled.bits &- (k &<< 23)) + -1
  let shift = Vector.zero.replacing(with: -23, where: tiny)
  let e = Vector(bits: k &+ roundingBits) - roundingBias + shift
  let z = m * m
  var p = Vector(repeating: 7.037_683_6e-2)
  p = p * m + -1.151_461_03e-1
  p = p * m + 1.167_699_87e-1
  p = p * m + -1.242_014_1e-1
  p = p * m + 1.424_932_28e-1
  p = p * m + -1.666_805_77e-1
  p = p * m + 2.000_071_48e-1
  p = p * m + -2.499_999_4e-1
  p = p * m + 3.333_333_1e-1
  var y = p * (m * z) + e * -2.121_944_4e-4 - z * 0.5
  y = m + y + e * 0.693_359_375
  y = y.replacing(with: -Float.infinity, where: x .== 0)
  y = y.replacing(with: Float.infinity, where: x .== Float.infinity)
  return y.replacing(with: Float.nan, where: (x .< 0) .| (x .!= x))
}

/// The logistic function `1 / (1 + e^-x)`.
@inlinable @inline(__always)
public func sigmoid(_ x: Vector) -> Vector {
  // e^x / (1 + e^x) on the left: 1 / (1 + e^-x) would overflow to 0 where the result is subnormal.
  let negative = x .< 0
  let e = exp(-x.magnitude)
  return Vector(repeating: 1).replacing(with: e, where: negative) / (1 + e)
}

/// The hyperbolic tangent.
@inlinable @inline(__always)
public func tanh(_ x: Vector) -> Vector {
  let magnitude = x.magnitude
  let e = smallExp(magnitude * -2)
  let large = (1 - e) / (1 + e)
  // Near 0 the quotient cancels: an odd polynomial keeps the relative error small.
  let z = x * x
  var p = Vector(repeating: -5.704_988_7e-3)
  p = p * z + 2.063_908_88e-2
  p = p * z + -5.373_971_55e-2
  p = p * z + 1.333_144_22e-1
  p = p * z + -3.333_328_2e-1
  let small = p * (z * magnitude) + magnitude
  return large.replacing(with: small, where: magnitude .< 0.625).signed(by: x)
}

/// `log(1 + e^x)` without overflow.
@inlinable @inline(__always)
public func softplus(_ x: Vector) -> Vector {
  x.replacing(with: 0, where: x .< 0) + log1p(exp(-x.magnitude))
}

/// `log(1 + x)`, accurate near 0: −infinity at −1, NaN below.
@inlinable @inline(__always)
public func log1p(_ x: Vector) -> Vector {
  // Kahan: the rounding of 1 + x is undone by the quotient.
  let u = 1 + x
  let corrected = log(u) * (x / (u - 1))
  return corrected.replacing(with: x, where: (u .== 1) .| (u .== Float.infinity))
}
