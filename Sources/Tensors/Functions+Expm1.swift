/// `e^x − 1`, accurate near 0: −1 far to the left, infinity above 88.73. The largest error is
/// 1.44 ulp (Tests/TensorsTests).
@inlinable @inline(__always)
public func expm1(_ x: Vector) -> Vector {
  let floored = x.replacing(with: -40, where: x .< -40)
  let clamped = floored.replacing(with: 89, where: floored .> 89)
  // As in `exp`: x = n·ln 2 + r.
  let biased = clamped * 1.442_695_04 + roundingBias
  let n = biased - roundingBias
  let r = (clamped - n * 0.693_359_375) - n * -2.121_944_4e-4
  var p = Vector(repeating: 1.987_569_15e-4)
  p = p * r + 1.398_199_95e-3
  p = p * r + 8.333_451_9e-3
  p = p * r + 4.166_579_6e-2
  p = p * r + 1.666_666_55e-1
  p = p * r + 5.000_000_1e-1
  let m = p * (r * r) + r
  // 2^n·(1 + m) − 1 with 2^n in two factors of which neither leaves the range of normal floats.
  let whole = biased.bits &- roundingBits
  let half = whole &>> 1
  let first = Vector(bits: (half &+ 127) &<< 23)
  let second = Vector(bits: (whole &- half &+ 127) &<< 23)
  let inverse = Vector(bits: (127 &- half) &<< 23)
  let value = (m * second + (second - inverse)) * first
  return value.replacing(with: x, where: (x .!= x) .| (x .== 0))
}
