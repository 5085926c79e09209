import Tensors

/// A leaky rectifier whose lower slope is learned: the second operand, which broadcasts to the first.
/// At 0 itself it takes the lower slope, as PyTorch does.
struct PRelu: DifferentiablePairwise {
  static let info = OperatorInfo(
    name: "PRelu", summary: "Rectified linear unit with a learned slope on the left.",
    formula: "y = x for x > 0, slope · x otherwise", inputs: 2...2,
    activation: Activation(range: Activation.reals),
    facts: [.forgetsOutputs],
    samples: [
      GradientSample([[3, 5], [5]], kinks: [0]), GradientSample([[3, 5], []], kinks: [0]),
      GradientSample([[2, 3, 17], [3, 1]], kinks: [0]),
      GradientSample([[3, 5], [3, 5]], kinks: [0]), GradientSample([[0, 4], [4]]),
    ])

  init(_ attributes: Attributes) {}

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    let slope = try inputs.required(1).shape
    guard Broadcast(x, slope)?.shape == x else {
      throw .shapes(found: "a slope of \(slope)", expected: "one that broadcasts to \(x)")
    }
    return [x]
  }

  @inline(__always) func value(_ a: Vector, _ b: Vector) -> Vector {
    (a * b).replacing(with: a, where: a .> 0)
  }

  func exact(_ a: Double, _ b: Double) -> Double { a > 0 ? a : a * b }

  @inline(__always)
  func left(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector {
    (dy * b).replacing(with: dy, where: a .> 0)
  }

  @inline(__always)
  func right(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector {
    (dy * a).replacing(with: 0, where: a .> 0)
  }
}
