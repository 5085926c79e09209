import Tensors

/// The sum of all elements along some axes.
struct ReduceSum: Reduce {
  static let info = OperatorInfo(
    name: "ReduceSum", summary: "Sum along axes.", formula: "y = Σ x", inputs: 1...2,
    attributes: ReduceSettings.attributes, affine: true, samples: reduceSamples())

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float { sum(x, count) { $0 } }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) { dx.update(repeating: dy, count: count) }
}
