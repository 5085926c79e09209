import Tensors

/// Squared error that grows linearly from delta on.
struct Huber: ElementwiseLoss {
  static let info = LossInfo(
    kind: "huber", summary: "Squared error, linear far from 0.",
    formula: "d² / 2 for d = |p − t| ≤ δ, δ · (d − δ/2) otherwise",
    settings: [AttributeInfo("delta", default: "1", "where the square turns into a line")],
    head: .values, targets: .values,
    samples: [
      LossSample([4, 3], [4, 3]),
      LossSample([3, 7], [3, 7], settings: ["delta": .float(0.4)]), LossSample([5, 1], [5]),
    ])

  let delta: Float

  init(_ settings: Attributes) throws(OperatorError) {
    let delta = try settings.float("delta", default: 1)
    guard delta > 0 else {
      throw .attribute("delta", found: "\(delta)", expected: "more than 0")
    }
    self.delta = Float(delta)
  }

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let d = (p - t).magnitude
    return (delta * (d - 0.5 * delta)).replacing(with: 0.5 * d * d, where: d .<= delta)
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector {
    let d = p - t
    return (delta * sign(d)).replacing(with: d, where: d.magnitude .<= delta)
  }
}
