import Tensors

/// The smallest element along some axes. Several equal ones share the gradient evenly, as in
/// PyTorch's `amin`, TensorFlow and JAX.
struct ReduceMin: Reduce {
  static let info = OperatorInfo(
    name: "ReduceMin", summary: "Smallest element along axes.", formula: "y = min x",
    inputs: 1...2, attributes: ReduceSettings.attributes,
    facts: [.keepsSign], samples: reduceSamples(-40...40, empty: false))

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    var low = Vector(repeating: Float.infinity)
    forEachVector(count) { lanes in
      let values = x.vector(lanes)
      low = low.replacing(with: values, where: (values .< low) .& lanes.mask)
    }
    // NaNs are passed over by the search, and must not be.
    return sum(x, count) { $0.replacing(with: 0, where: $0 .== $0) }.isNaN ? .nan : -(-low).largest
  }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) { share(dy, where: y, in: x, into: dx, count) }
}
