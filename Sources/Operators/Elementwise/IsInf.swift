import Tensors

/// 1 for infinities, and 0 for everything else. The gradient is zero.
struct IsInf: Foldable {
  static let info = OperatorInfo(
    name: "IsInf", summary: "Finds infinities; its gradient is zero.",
    formula: "y = 1 where x is infinite, 0 otherwise", inputs: 1...1,
    attributes: [
      AttributeInfo("detect_negative", default: "1", "0: −∞ gives 0"),
      AttributeInfo("detect_positive", default: "1", "0: +∞ gives 0"),
    ],
    samples: [
      GradientSample([[3, 5]]),
      GradientSample([[0, 4]], attributes: ["detect_negative": .int(0)]),
      GradientSample([[2, 17]], attributes: ["detect_positive": .int(0)]),
    ])

  let negative: Bool
  let positive: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    negative = try attributes.flag("detect_negative", default: true)
    positive = try attributes.flag("detect_positive", default: true)
  }

  @inline(__always) func value(_ x: Vector) -> Vector {
    let low = negative ? truth(x .== -Float.infinity) : .zero
    return positive ? low + truth(x .== Float.infinity) : low
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { .zero }

  func exact(_ x: Double) -> Double {
    x.isInfinite && (x < 0 ? negative : positive) ? 1 : 0
  }
}
