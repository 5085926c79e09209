import Tensors

/// Absolute error with a parabola in place of the corner, of curvature 1 / beta.
struct SmoothL1: ElementwiseLoss {
  static let info = LossInfo(
    kind: "smooth-l1", summary: "Absolute error, squared near 0.",
    formula: "d² / 2β for d = |p − t| < β, d − β/2 otherwise",
    settings: [AttributeInfo("beta", default: "1", "where the square turns into a line; 0: l1")],
    head: .values, targets: .values,
    samples: [
      LossSample([4, 3], [4, 3]),
      LossSample([3, 7], [3, 7], settings: ["beta": .float(0.4)]),
      LossSample([3, 7], [3, 7], settings: ["beta": .int(0)], kinks: [0]),
      LossSample([5, 1], [5]),
    ])

  let beta: Float

  init(_ settings: Attributes) throws(OperatorError) {
    let beta = try settings.float("beta", default: 1)
    guard beta >= 0 else {
      throw .attribute("beta", found: "\(beta)", expected: "0 or more")
    }
    self.beta = Float(beta)
  }

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let d = (p - t).magnitude
    return (d - 0.5 * beta).replacing(with: d * d * 0.5 / beta, where: d .< beta)
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector {
    let d = p - t
    return sign(d).replacing(with: d / beta, where: d.magnitude .< beta)
  }
}
