import Tensors

/// The sum of the squares of all elements along some axes.
struct ReduceSumSquare: Reduce {
  static let info = OperatorInfo(
    name: "ReduceSumSquare", summary: "Sum of squares along axes.", formula: "y = Σ x²",
    inputs: 1...2, attributes: ReduceSettings.attributes, facts: [.neverNegative],
    samples: reduceSamples())

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float { sum(x, count) { $0 * $0 } }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) { forEachVector(count) { dx.store($0, x.vector($0) * (2 * dy)) } }
}
