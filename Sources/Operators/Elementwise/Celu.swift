import Glibc
import Tensors

/// An exponential on the left of 0 whose slope meets that of the right (Barron, 2017).
struct Celu: Elementwise {
  static let info = OperatorInfo(
    name: "Celu", summary: "Continuously differentiable exponential linear unit.",
    formula: "y = max(0, x) + min(0, alpha · (e^(x / alpha) − 1))", inputs: 1...1,
    attributes: [AttributeInfo("alpha", default: "1", "minus the limit on the left; not 0")],
    activation: leftExponential(alpha: 1, scale: 1),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]], kinks: [0]),
      GradientSample([[2, 17]], attributes: ["alpha": .float(2)], range: -8...8, kinks: [0]),
      GradientSample([[0, 4]]),
    ])

  let alpha: Float

  init(_ attributes: Attributes) throws(OperatorError) {
    alpha = Float(try attributes.float("alpha", default: 1))
    guard alpha > 0 else {
      throw .attribute("alpha", found: "\(alpha)", expected: "a number above 0")
    }
  }

  /// e^(x / alpha) is 5 % at alpha · log 0.05.
  var activation: Activation? {
    let limit = Double(alpha)
    return Activation(flatBelow: limit * Glibc.log(0.05), range: -limit...Double.infinity)
  }

  @inline(__always) func value(_ x: Vector) -> Vector {
    (expm1(x / alpha) * alpha).replacing(with: x, where: x .> 0)
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    exp(x / alpha).replacing(with: 1, where: x .> 0)
  }
}
