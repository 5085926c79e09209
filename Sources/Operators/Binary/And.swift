import Tensors

/// Whether both operands are true.
struct And: Comparison {
  static let info = OperatorInfo(
    name: "And", summary: "Whether both operands are true; its gradient is zero.",
    formula: "y = 1 where a ≠ 0 and b ≠ 0, 0 otherwise", inputs: 2...2, samples: logicSamples)

  init(_ attributes: Attributes) {}

  @inline(__always) func holds(_ a: Vector, _ b: Vector) -> VectorMask { (a .!= 0) .& (b .!= 0) }

  func holds(_ a: Double, _ b: Double) -> Bool { a != 0 && b != 0 }
}
