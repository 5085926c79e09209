import Tensors

/// A sigmoid of straight lines; its slope is zero at the corners, as PyTorch takes it.
struct HardSigmoid: Elementwise {
  static let info = OperatorInfo(
    name: "HardSigmoid", summary: "Sigmoid of straight lines.",
    formula: "y = max(0, min(1, alpha · x + beta))", inputs: 1...1,
    attributes: [
      AttributeInfo("alpha", default: "0.2", "the slope between the corners"),
      AttributeInfo("beta", default: "0.5", "the value at 0"),
    ], activation: Activation(flatBelow: -2.5, flatAbove: 2.5, range: 0...1),
    facts: [.probability, .forgetsInputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -5...5, kinks: [-2.5, 2.5]),
      GradientSample(
        [[2, 17]], attributes: ["alpha": .float(-0.5), "beta": .float(0.25)], range: -5...5,
        kinks: [-1.5, 0.5]),
      GradientSample([[0, 4]]),
    ])

  let alpha: Float
  let beta: Float

  init(_ attributes: Attributes) throws(OperatorError) {
    alpha = Float(try attributes.float("alpha", default: 0.2))
    beta = Float(try attributes.float("beta", default: 0.5))
  }

  /// The corners lie where alpha · x + beta is 0 and 1.
  var activation: Activation? {
    let (slope, start) = (Double(alpha), Double(beta))
    guard slope != 0, slope.isFinite, start.isFinite else {
      return Activation(flatBelow: Double.infinity, range: 0...1)
    }
    let corners = [-start / slope, (1 - start) / slope]
    return Activation(flatBelow: corners.min(), flatAbove: corners.max(), range: 0...1)
  }

  @inline(__always) func value(_ x: Vector) -> Vector {
    let line = x * alpha + beta
    return line.replacing(with: 0, where: line .< 0).replacing(with: 1, where: line .> 1)
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    Vector.zero.replacing(with: alpha, where: (y .> 0) .& (y .< 1))
  }
}
