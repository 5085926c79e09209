// The error function and the normal distribution, on sixteen floats at a time. Largest errors over
// the floats of Tests/TensorsTests: erf 1.81 ulp, normalCDF 3.57, normalDensity 2.04. The polynomials are weighted
// minimax fits made for this file.

/// The error function `2/√π ∫ e^(−t²) dt` from 0 to x.
@inlinable @inline(__always)
public func erf(_ x: Vector) -> Vector {
  let magnitude = x.magnitude
  let z = x * x
  var p = Vector(repeating: 7.853_861_5e-5)
  p = p * z + -8.010_193_7e-4
  p = p * z + 5.188_327_7e-3
  p = p * z + -2.685_381_3e-2
  p = p * z + 1.128_358_5e-1
  p = p * z + -3.761_262_6e-1
  p = p * z + 1.283_791_2e-1
  let small = p * magnitude + magnitude
  // erfc x = 2Φ(−√2·x); the rounding of √2·x does not show beside the 1.
  let large = 1 - normalTail(magnitude * 1.414_213_56) * 2
  return large.replacing(with: small, where: magnitude .< 1).signed(by: x)
}

/// `Φ(x)`, the share of a standard normal distribution below x.
@inlinable @inline(__always)
public func normalCDF(_ x: Vector) -> Vector {
  let tail = normalTail(x.magnitude)
  return (1 - tail).replacing(with: tail, where: x .< 0)
}

/// `e^(−x²/2) / √(2π)`, the density of a standard normal distribution.
@inlinable @inline(__always)
public func normalDensity(_ x: Vector) -> Vector { gauss(x.magnitude) * 0.398_942_28 }

/// `e^(−a²/2)` for a ≥ 0: a² is taken apart, because the exponential multiplies its rounding.
@inlinable @inline(__always)
func gauss(_ a: Vector) -> Vector {
  // Past 15 the result is 0; the bound keeps a² finite.
  let bounded = a.replacing(with: 15, where: a .> 15)
  let high = Vector(mask: bounded.mask .& lanes(-4096))
  let rest = (bounded - high) * ((bounded + high) * -0.5)
  return exp(high * (high * -0.5), plus: rest)
}

/// `Φ(−a)` for a ≥ 0, with a relative error even where it is tiny. As `e^(−a²/2) · M(a)`, where
/// (1 + a)·M(a), M being Mills' ratio over √(2π), is a polynomial in (a − 4)/(a + 4) after Shepherd
/// and Laframboise, Mathematics of Computation 36 (1981).
@inlinable @inline(__always)
func normalTail(_ a: Vector) -> Vector {
  let bounded = a.replacing(with: 15, where: a .> 15)
  let q = (bounded - 4) / (bounded + 4)
  var p = Vector(repeating: -7.161_156_8e-5)
  p = p * q + -6.055_712_2e-5
  p = p * q + 6.928_593e-4
  p = p * q + -3.037_599_4e-4
  p = p * q + -5.004_382e-3
  p = p * q + 1.794_020_3e-2
  p = p * q + -3.219_727e-2
  p = p * q + 2.859_998_1e-2
  p = p * q + 1.399_959_6e-2
  p = p * q + -9.670_347e-2
  p = p * q + 4.720_532e-1
  return gauss(a) * (p / (bounded + 1))
}
