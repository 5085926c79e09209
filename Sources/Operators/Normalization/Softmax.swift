import Tensors

/// Exponentials of a line, divided by their sum.
struct Softmax: AlongAxis {
  static let info = OperatorInfo(
    name: "Softmax", summary: "Exponentials that sum to 1 along an axis.",
    formula: "y = e^x / Σ e^x", inputs: 1...1,
    attributes: [AttributeInfo("axis", default: "-1", "the axis of the sum")],
    activation: Activation(range: 0...1),
    facts: [.distribution, .probability, .takesMinusInfinity, .forgetsInputs, .worksInPlace],
    samples: alongAxisSamples)

  let axis: Int

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: -1)
  }

  func forward(_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    let sum = exponentials(x, minus: largest(x, count), into: y, count)
    forEachVector(count) { y.store($0, y.vector($0) / sum) }
  }

  /// dx = y · (dy − Σ y · dy)
  func backward(
    _ y: UnsafeMutablePointer<Float>, _ dy: UnsafeMutablePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var products = Vector.zero
    forEachVector(count) { products += y.vector($0) * dy.vector($0) }
    let sum = products.total
    forEachVector(count) { dx.store($0, y.vector($0) * (dy.vector($0) - sum)) }
  }
}

let alongAxisSamples = [
  GradientSample([[3, 5]]), GradientSample([[2, 19]]),
  GradientSample([[3, 4, 2]], attributes: ["axis": .int(1)]),
  GradientSample([[4, 3]], attributes: ["axis": .int(0)]),
  GradientSample([[0, 4]]), GradientSample([[3, 0]]), GradientSample([[]]),
]
