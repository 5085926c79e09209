import Tensors

/// Whether the first operand is not above the second.
struct LessOrEqual: Comparison {
  static let info = OperatorInfo(
    name: "LessOrEqual",
    summary: "Whether the first operand is the second or below; its gradient is zero.",
    formula: "y = 1 where a ≤ b, 0 otherwise", inputs: 2...2, facts: [.comparesIds],
    samples: comparisonSamples)

  init(_ attributes: Attributes) {}

  @inline(__always) func holds(_ a: Vector, _ b: Vector) -> VectorMask { a .<= b }

  func holds(_ a: Double, _ b: Double) -> Bool { a <= b }
}
