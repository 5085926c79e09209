import Tensors

/// The product of all elements along some axes.
struct ReduceProd: Reduce {
  static let info = OperatorInfo(
    name: "ReduceProd", summary: "Product along axes.", formula: "y = Π x", inputs: 1...2,
    attributes: ReduceSettings.attributes, samples: reduceSamples(0.5...1.5))

  let settings: ReduceSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try ReduceSettings(attributes)
  }

  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    var product = 1.0
    for i in 0..<count { product *= Double(x[i]) }
    return Float(product)
  }

  /// The product of all others, which a division gives only where nothing is zero.
  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var product = Double(dy)
    var zeros = 0
    for i in 0..<count {
      if x[i] == 0 { zeros += 1 } else { product *= Double(x[i]) }
    }
    for i in 0..<count {
      if x[i] == 0 {
        dx[i] = zeros == 1 ? Float(product) : 0
      } else {
        dx[i] = zeros == 0 ? Float(product / Double(x[i])) : 0
      }
    }
  }
}
