import Tensors

/// The length of all elements along some axes as one vector; its slope at the origin is 0, as
/// PyTorch takes it.
struct ReduceL2: Reduce {
  static let info = OperatorInfo(
    name: "ReduceL2", summary: "Euclidean length along axes.", formula: "y = √Σ x²",
    inputs: 1...2, attributes: ReduceSettings.attributes,
    facts: [.neverNegative],
    samples: reduceSamples(0.5...2) + [GradientSample([[2, 3], [1]], constants: [1: [1]])])

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    // Squares of large and small values leave float's range: the largest is taken out first.
    var top: Float = 0
    forEachVector(count) { top = max(top, x.vector($0).magnitude.largest) }
    guard top > 0x1p60 || top < 0x1p-60, top > 0, top < .infinity else {
      return sum(x, count) { $0 * $0 }.squareRoot()
    }
    return sum(x, count) { ($0 / top) * ($0 / top) }.squareRoot() * top
  }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    guard y != 0 else { return dx.update(repeating: 0, count: count) }
    forEachVector(count) { dx.store($0, (x.vector($0) / y) * dy) }
  }
}
