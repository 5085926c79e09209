import Tensors

/// Whether one operand is true and the other is not.
struct Xor: Comparison {
  static let info = OperatorInfo(
    name: "Xor", summary: "Whether exactly one operand is true; its gradient is zero.",
    formula: "y = 1 where either a ≠ 0 or b ≠ 0, 0 otherwise", inputs: 2...2, samples: logicSamples)

  init(_ attributes: Attributes) {}

  @inline(__always) func holds(_ a: Vector, _ b: Vector) -> VectorMask { (a .!= 0) .^ (b .!= 0) }

  func holds(_ a: Double, _ b: Double) -> Bool { (a != 0) != (b != 0) }
}
