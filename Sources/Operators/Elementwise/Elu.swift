import Glibc
import Tensors

/// An exponential on the left of 0, with the left slope at 0 itself as PyTorch takes it.
struct Elu: Elementwise {
  static let info = OperatorInfo(
    name: "Elu", summary: "Exponential linear unit.",
    formula: "y = x for x > 0, alpha · (e^x − 1) otherwise", inputs: 1...1,
    attributes: [AttributeInfo("alpha", default: "1", "minus the limit on the left")],
    activation: leftExponential(alpha: 1, scale: 1),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]], kinks: [0]),
      GradientSample([[2, 17]], attributes: ["alpha": .float(2)], range: -5...5, kinks: [0]),
      GradientSample([[0, 4]]),
    ])

  let alpha: Float

  init(_ attributes: Attributes) throws(OperatorError) {
    alpha = Float(try attributes.float("alpha", default: 1))
  }

  var activation: Activation? { leftExponential(alpha: Double(alpha), scale: 1) }

  @inline(__always) func value(_ x: Vector) -> Vector {
    (expm1(x) * alpha).replacing(with: x, where: x .> 0)
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    (exp(x) * alpha).replacing(with: 1, where: x .> 0)
  }
}

/// The facts of `scale · x` on the right of 0 and `scale · alpha · (e^x − 1)` on the left.
func leftExponential(alpha: Double, scale: Double) -> Activation? {
  guard alpha.isFinite, scale.isFinite, scale != 0 else { return nil }
  let limit = -scale * alpha
  let range =
    scale > 0 ? min(0, limit)...Double.infinity : -Double.infinity...max(0, limit)
  guard alpha != 0 else {
    return Activation(flatBelow: 0, range: range, rectifier: scale > 0)
  }
  // |alpha| · e^x is 5 % of the larger of 1 and |alpha| there, or small from 0 on.
  let flat = Glibc.log(0.05 * max(1, abs(alpha)) / abs(alpha))
  return Activation(flatBelow: min(0, flat), range: range)
}
