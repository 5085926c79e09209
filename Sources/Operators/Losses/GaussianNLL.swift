import Glibc
import Tensors

/// The negative log-likelihood of a normal distribution of which the model predicts mean and
/// variance; PyTorch's definition.
///
/// The variance is kept at eps or more, and its gradient is that at the bounded variance, as if
/// nothing were bounded.
struct GaussianNLL: TernaryLoss {
  static let info = LossInfo(
    kind: "gaussian-nll", summary: "Negative log-likelihood of a normal distribution.",
    formula: "(log v + (p − t)² / v) / 2, v = max(variance, eps)",
    settings: [
      AttributeInfo("full", default: "false", "whether the constant log(2π) / 2 is added"),
      AttributeInfo("eps", default: "1e-6", "the smallest variance"),
    ],
    second: AttributeInfo(
      "variance", default: "required",
      "name of the tensor of the graph that predicts the variance, in the prediction's shape, "
        + "without its last axis, or with length 1 there"),
    head: .values, targets: .values,
    samples: [
      LossSample([4, 3], [4, 3], second: variance([4, 3])),
      LossSample(
        [2, 19], [2, 19], settings: ["full": .int(1), "eps": .float(1e-3)],
        second: variance([2])),
      LossSample([2, 3, 5], [2, 3, 1], second: variance([2, 3, 1])),
      LossSample([4, 1], [4], second: variance([4])),
      LossSample([4, 3], [4, 3], second: variance([1])),
    ])

  private static func variance(_ shape: [Int]) -> LossSample.Operand {
    LossSample.Operand(shape, [0.5, 2, 1.2, 0.8, 3])
  }

  let eps: Float
  /// What is added to each term.
  let constant: Float

  init(_ settings: Attributes) throws(OperatorError) {
    let eps = try settings.float("eps", default: 1e-6)
    guard eps > 0 else { throw .attribute("eps", found: "\(eps)", expected: "more than 0") }
    self.eps = Float(eps)
    let full = try settings.flag("full", default: false)
    constant = full ? Float(0.5 * Glibc.log(2 * Double.pi)) : 0
  }

  func coupling(
    prediction: Shape, target: Shape, others: [Shape]
  ) throws(OperatorError) -> LossCoupling {
    for variance in others { _ = try Self.aligned(variance, prediction: prediction) }
    return try coupling(prediction: prediction, target: target)
  }

  static func aligned(_ third: Shape, prediction: Shape) throws(OperatorError) -> Shape {
    if third == prediction || third.count == 1 && third.rank <= prediction.rank { return third }
    let outer = Array(prediction.dims.dropLast())
    if prediction.rank > 0, third.dims == outer || third.dims == outer + [1],
      let column = try? Shape(outer + [1])
    {
      return column
    }
    throw .shapes(
      found: "a variance of \(third) for a prediction of \(prediction)",
      expected: "the same shape, that without its last axis, or with length 1 there")
  }

  @inline(__always) private func bounded(_ variance: Vector) -> Vector {
    variance.replacing(with: eps, where: variance .< eps)
  }

  @inline(__always) func value(_ p: Vector, _ t: Vector, _ third: Vector) -> Vector {
    let (v, d) = (bounded(third), p - t)
    return 0.5 * (log(v) + d * d / v) + constant
  }

  @inline(__always)
  func slopes(_ p: Vector, _ t: Vector, _ third: Vector) -> (prediction: Vector, third: Vector) {
    let (v, d) = (bounded(third), p - t)
    let ratio = d / v
    return (ratio, 0.5 * (1 / v - ratio * ratio))
  }
}
