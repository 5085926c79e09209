import Tensors

/// The activation of Misra (2020). With w = e^x·(e^x + 2), tanh(log(1 + e^x)) is w / (w + 2).
struct Mish: Elementwise {
  static let info = OperatorInfo(
    name: "Mish", summary: "Smooth rectifier with a dip on the left.",
    formula: "y = x · tanh(log(1 + e^x))", inputs: 1...1,
    // The slope's maximum is 1.0885, at 1.4906; the least value lies at −1.1924.
    activation: Activation(
      flatBelow: -3.981_251_494_912_804, range: -0.308_843_413_017_250_42...Double.infinity),
    facts: [.forgetsOutputs, .worksInPlace],
    samples: [
      GradientSample([[3, 5]]), GradientSample([[2, 17]], range: -9...9), GradientSample([[0, 4]]),
    ])

  init(_ attributes: Attributes) {}

  /// e^x, kept below where its fourth power overflows; the results are the same from 20 on.
  @inline(__always) private func bounded(_ x: Vector) -> Vector {
    exp(x.replacing(with: 20, where: x .> 20))
  }

  @inline(__always) func value(_ x: Vector) -> Vector {
    let e = bounded(x)
    let w = e * (e + 2)
    return x * (w / (w + 2))
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    let e = bounded(x)
    let w = e * (e + 2)
    let gate = w / (w + 2)
    // The gate's own slope, 4e(1 + e) / (w + 2)², is below the last place of 1 where x is cut.
    let change = 4 * (e / (w + 2)) * ((1 + e) / (w + 2))
    return gate + x * change
  }
}
