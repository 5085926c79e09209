import Glibc
import Tensors

/// The natural logarithm: −∞ at 0, NaN below.
struct Log: Foldable {
  static let info = OperatorInfo(
    name: "Log", summary: "Natural logarithm.", formula: "y = log x",
    inputs: 1...1,
    facts: [.logarithm, .takesLogarithm, .steepAtZero],
    samples: [
      GradientSample([[3, 5]], range: 0.5...3), GradientSample([[2, 17]], range: 0.3...9),
      GradientSample([[0, 4]], range: 0.5...1),
    ])

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ x: Vector) -> Vector { log(x) }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { 1 / x }

  func exact(_ x: Double) -> Double { Glibc.log(x) }
}
