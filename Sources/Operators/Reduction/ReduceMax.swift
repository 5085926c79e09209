import Tensors

/// The largest element along some axes. Several equal ones share the gradient evenly, as in
/// PyTorch's `amax`, TensorFlow and JAX.
struct ReduceMax: Reduce {
  static let info = OperatorInfo(
    name: "ReduceMax", summary: "Largest element along axes.", formula: "y = max x",
    inputs: 1...2, attributes: ReduceSettings.attributes,
    facts: [.takesMinusInfinity, .keepsSign], samples: reduceSamples(-40...40, empty: false))

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    let top = largest(x, count)
    // NaNs are passed over by the search, and must not be.
    return sum(x, count) { $0.replacing(with: 0, where: $0 .== $0) }.isNaN ? .nan : top
  }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) { share(dy, where: y, in: x, into: dx, count) }
}

/// Divides a slope evenly among the elements that have a value, and writes 0 for the others.
func share(
  _ dy: Float, where value: Float, in x: UnsafeMutablePointer<Float>,
  into dx: UnsafeMutablePointer<Float>, _ count: Int
) {
  let level = Vector(repeating: value)
  let ties = sum(x, count) { Vector.zero.replacing(with: 1, where: $0 .== level) }
  let part = dy / max(1, ties)
  forEachVector(count) { lanes in
    dx.store(lanes, Vector.zero.replacing(with: part, where: x.vector(lanes) .== level))
  }
}
