import Glibc
import Tensors

/// The logarithm of the sum of all elements along some axes.
struct ReduceLogSum: Reduce {
  static let info = OperatorInfo(
    name: "ReduceLogSum", summary: "Logarithm of the sum along axes.", formula: "y = log Σ x",
    inputs: 1...2, attributes: ReduceSettings.attributes,
    facts: [.takesLogarithm, .steepAtZero], samples: reduceSamples(0.5...3, empty: false))

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    Glibc.log(sum(x, count) { $0 })
  }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) { dx.update(repeating: dy / sum(x, count) { $0 }, count: count) }
}
