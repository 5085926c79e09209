/// The ways in which two operands meet: alike, in rows, as a scalar, and each repeated.
let pairSamples = [
  GradientSample([[3, 5], [3, 5]]),
  GradientSample([[3, 18], [18]]),
  GradientSample([[5], [3, 5]]),
  GradientSample([[3, 5], []]),
  GradientSample([[3, 1], [1, 17]]),
  GradientSample([[2, 3, 2], [3, 1]]),
  GradientSample([[0, 4], [4]]),
]

/// The same for functions that need positive numbers.
let positivePairSamples = pairSamples.map {
  GradientSample($0.shapes, range: 0.7...2.5)
}
