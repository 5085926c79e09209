import Tensors

/// The mean of all elements along some axes.
struct ReduceMean: Reduce {
  static let info = OperatorInfo(
    name: "ReduceMean", summary: "Mean along axes.", formula: "y = Σ x / n", inputs: 1...2,
    attributes: ReduceSettings.attributes, affine: true, samples: reduceSamples(empty: false))

  static let hasEmptyValue = false

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    sum(x, count) { $0 } / Float(count)
  }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) { dx.update(repeating: dy / Float(count), count: count) }
}
