import Tensors

// Values that are known before any data: exported graphs compute shapes and bounds from them.

/// An element-wise operator whose result for a known number is known.
protocol Foldable: Elementwise {
  /// The function in double.
  func exact(_ x: Double) -> Double
}

extension Foldable {
  func constant(_ inputs: [Operand?]) -> [Double]? {
    inputs.optional(0)?.constant.map { $0.map { exact($0) } }
  }
}

/// Known values with their shape.
struct Known {
  let shape: Shape
  let values: [Double]
}

extension Operand {
  /// The constant, when it has as many values as the shape.
  var known: Known? {
    constant.flatMap { $0.count == shape.count ? Known(shape: shape, values: $0) : nil }
  }
}

/// `f(a, b)` for every pair of elements that meet; nil when one is unknown.
func folded(_ a: Operand?, _ b: Operand?, _ f: (Double, Double) -> Double) -> Known? {
  guard let a = a?.known, let b = b?.known else { return nil }
  return folded(a, b, f)
}

/// `f(a, b)` for every pair of elements that meet.
func folded(_ a: Known, _ b: Known, _ f: (Double, Double) -> Double) -> Known? {
  guard let common = Broadcast(a.shape, b.shape) else { return nil }
  let width = common.shape.dims.last ?? 1
  let steps = common.innerSteps
  var values: [Double] = []
  common.forEachRow { _, left, right in
    for i in 0..<width {
      values.append(f(a.values[left + i * steps.left], b.values[right + i * steps.right]))
    }
  }
  return Known(shape: common.shape, values: values)
}
