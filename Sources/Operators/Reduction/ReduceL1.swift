import Tensors

/// The sum of the magnitudes of all elements along some axes; its slope at 0 is 0.
struct ReduceL1: Reduce {
  static let info = OperatorInfo(
    name: "ReduceL1", summary: "Sum of magnitudes along axes.", formula: "y = Σ |x|",
    inputs: 1...2, attributes: ReduceSettings.attributes, facts: [.neverNegative],
    samples: reduceSamples(kinks: [0]))

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    sum(x, count) { $0.magnitude }
  }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    let slope = Vector(repeating: dy)
    forEachVector(count) { lanes in
      let value = x.vector(lanes)
      let up = Vector.zero.replacing(with: slope, where: value .> 0)
      dx.store(lanes, up.replacing(with: -slope, where: value .< 0))
    }
  }
}
