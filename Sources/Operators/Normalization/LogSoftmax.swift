import Glibc
import Tensors

/// The logarithm of a softmax, without the detour through small numbers.
struct LogSoftmax: AlongAxis {
  static let info = OperatorInfo(
    name: "LogSoftmax", summary: "Logarithm of a softmax along an axis.",
    formula: "y = x − log Σ e^x", inputs: 1...1,
    attributes: [AttributeInfo("axis", default: "-1", "the axis of the sum")],
    activation: Activation(range: -Double.infinity...0),
    facts: [.distribution, .logarithm, .takesMinusInfinity, .forgetsInputs],
    samples: alongAxisSamples)

  let axis: Int

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: -1)
  }

  func forward(_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    let top = largest(x, count)
    let logarithm = Float(Glibc.log(Double(exponentials(x, minus: top, into: y, count))))
    forEachVector(count) { y.store($0, x.vector($0) - top - logarithm) }
  }

  /// dx = dy − e^y · Σ dy
  func backward(
    _ y: UnsafeMutablePointer<Float>, _ dy: UnsafeMutablePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var sums = Vector.zero
    forEachVector(count) { sums += dy.vector($0) }
    let sum = sums.total
    forEachVector(count) { dx.store($0, dy.vector($0) - exp(y.vector($0)) * sum) }
  }
}
