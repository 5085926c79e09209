import Tensors

/// The quotient of two operands. It is never truncated: what was a division of integers has a Cast to
/// an integer type behind it.
struct Div: DifferentiablePairwise {
  static let info = OperatorInfo(
    name: "Div", summary: "Quotient; the operands broadcast.", formula: "y = a / b",
    inputs: 2...2, facts: [.scales, .divides], samples: positivePairSamples)

  init(_ attributes: Attributes) {}

  /// A divisor scales.
  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    inputs.map { input in
      guard let input, !input.batched else { return nil }
      return ParameterRole(.scale, unitAxis: max(0, input.shape.rank - 1))
    }
  }

  @inline(__always) func value(_ a: Vector, _ b: Vector) -> Vector { a / b }

  func exact(_ a: Double, _ b: Double) -> Double { a / b }

  @inline(__always)
  func left(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector { dy / b }

  @inline(__always)
  func right(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector { -dy * (y / b) }
}
