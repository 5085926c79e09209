import Tensors

/// The quotient of two operands. It is never truncated: what was a division of integers has a Cast to
/// an integer type behind it.
struct Div: DifferentiablePairwise {
  static let info = OperatorInfo(
    name: "Div", summary: "Quotient; the operands broadcast.", formula: "y = a / b",
    inputs: 2...2, facts: [.scales, .divides], samples: positivePairSamples)

  init(_ attributes: Attributes) {}

  @inline(__always) func value(_ a: Vector, _ b: Vector) -> Vector { a / b }

  func exact(_ a: Double, _ b: Double) -> Double { a / b }

  @inline(__always)
  func left(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector { dy / b }

  @inline(__always)
  func right(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector { -dy * (y / b) }
}
