import Tensors

/// A question about two operands that is answered by 0 and 1. Its gradient is zero. Where an operand
/// is a truth value, everything but 0 is true.
protocol Comparison: Pairwise, Kernel {
  /// The answer.
  func holds(_ a: Vector, _ b: Vector) -> VectorMask
  /// The answer for known values.
  func holds(_ a: Double, _ b: Double) -> Bool
}

extension Comparison {
  @inline(__always) func value(_ a: Vector, _ b: Vector) -> Vector { truth(holds(a, b)) }

  func exact(_ a: Double, _ b: Double) -> Double { holds(a, b) ? 1 : 0 }

  func backward(_ node: Backward) {
    for gradient in node.inputGradients { gradient?.fill(0) }
  }
}

/// Operands far enough apart for the gradient check.
let comparisonSamples = [
  GradientSample([[3, 5], [3, 5]], range: -20...20),
  GradientSample([[2, 17], [17]], range: -20...20),
  GradientSample([[3, 1], [4]], range: -20...20), GradientSample([[2, 5], []], range: -20...20),
  GradientSample([[0, 4], [4]]),
]

/// Operands that stay on their side of 0 in the gradient check.
let logicSamples = [
  GradientSample([[3, 5], [3, 5]], kinks: [0]), GradientSample([[3, 1], [17]], kinks: [0]),
  GradientSample([[0, 4], [4]]),
]
