import Tensors

/// The largest of its operands; NaN where one is NaN. Operands that tie share the gradient evenly, as
/// in PyTorch's `maximum`.
struct Max: Variadic {
  static let info = OperatorInfo(
    name: "Max", summary: "Largest of one or more operands, which broadcast.",
    formula: "y = max x", inputs: anyNumber, facts: [.takesMinusInfinity],
    samples: variadicSamples(range: -20...20))

  init(_ attributes: Attributes) {}

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    ExtremeKernel(self, try ExtremeGradient(inputs, outputs))
  }

  @inline(__always) func join(_ a: Vector, _ b: Vector) -> Vector {
    a.replacing(with: b, where: (b .> a) .| (b .!= b))
  }

  func exact(_ a: Double, _ b: Double) -> Double { a.isNaN || a > b ? a : b }
}
