import Glibc
import Tensors

/// The logarithm of the sum of the exponentials of all elements along some axes.
struct ReduceLogSumExp: Reduce {
  static let info = OperatorInfo(
    name: "ReduceLogSumExp", summary: "Logarithm of the sum of exponentials along axes.",
    formula: "y = log Σ e^x", inputs: 1...2, attributes: ReduceSettings.attributes,
    facts: [.takesMinusInfinity], samples: reduceSamples(empty: false))

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    // Exponentials are taken below the largest, so that none overflows.
    let top = largest(x, count)
    let shift = top.isFinite ? top : 0
    return shift + Glibc.log(sum(x, count) { exp($0 - shift) })
  }

  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    guard y != -.infinity else { return dx.update(repeating: 0, count: count) }
    forEachVector(count) { dx.store($0, exp(x.vector($0) - y) * dy) }
  }
}
