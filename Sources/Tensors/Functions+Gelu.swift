/// `½(1 + tanh u)` with u = √(2/π)·(x + 0.044715·x³), the gate of the approximated Gelu, and its
/// derivative by 2u. As the logistic function of 2u it keeps its digits on the left; 2u itself is
/// computed in two floats, because the exponential multiplies its rounding.
@inlinable @inline(__always)
public func geluGate(_ x: Vector) -> (value: Vector, slope: Vector) {
  // Past ±15 the gate is 1 or 0.
  let raised = x.replacing(with: -15, where: x .< -15)
  let z = raised.replacing(with: 15, where: raised .> 15)
  let (high, low) = z.halves
  // z² in two floats, of which the first is exact.
  let square = high * high
  let squareRest = low * (z + high)
  // P = 2√(2/π) + 2√(2/π)·0.044715·z²: the constants in two parts as well.
  let (upper, lower) = square.halves
  let exact = upper * 0.071_350_097_656_25
  let small = lower * 0.071_350_097_656_25 + square * 4.718_616_4e-6 + squareRest * 0.071_354_816
  let first = exact + 1.595_703_125
  let lost = (1.595_703_125 - (first - (first - 1.595_703_125))) + (exact - (first - 1.595_703_125))
  let rest = lost + (small + 6.599_660_6e-5)
  let sum = first + rest
  let sumRest = (first - sum) + rest
  // 2u = z·P.
  let (sumHigh, sumLow) = sum.halves
  let u = high * sumHigh
  let uRest = high * sumLow + low * sum + z * sumRest
  let e = exp(-u.magnitude, plus: -uRest.signed(by: u))
  let right = 1 / (1 + e)
  let left = e * right
  return (right.replacing(with: left, where: z .< 0), left * right)
}

extension Vector {
  /// The first twelve bits of each significand, and the others: products of the first are exact.
  @inlinable @inline(__always) var halves: (Vector, Vector) {
    let high = Vector(mask: mask .& lanes(-4096))
    return (high, self - high)
  }
}
