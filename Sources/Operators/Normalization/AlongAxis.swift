import Tensors

/// An operator that treats each line along one axis for itself, such as Softmax.
protocol AlongAxis: Operator, Kernel {
  /// The axis as the node gives it.
  var axis: Int { get }
  /// Writes a line of the output.
  func forward(_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int)
  /// Writes a line of the gradient from one of the output and one of the output's gradient.
  func backward(
    _ y: UnsafeMutablePointer<Float>, _ dy: UnsafeMutablePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int)
}

extension AlongAxis {
  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    guard x.axis(axis) != nil || x.rank == 0 && (-1...0).contains(axis) else {
      throw .attribute("axis", found: "\(axis)", expected: "an axis of \(x)")
    }
    return [x]
  }

  /// Classes are the units.
  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    output.axis(axis)
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, let axis = x.shape.axis(axis) else { return false }
    return axis != 0
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    forEachLine(x, x, into: node.outputs[0]) { x, _, y, count in forward(x, y, count) }
  }

  func backward(_ node: Backward) {
    guard let dx = node.inputGradients.optional(0) else { return }
    forEachLine(node.outputs[0], node.outputGradients[0], into: dx) { backward($0, $1, $2, $3) }
  }

  /// Calls `body` for every line along the axis; lines that do not lie in one piece are copied.
  private func forEachLine(
    _ a: Tensor, _ b: Tensor, into c: Tensor,
    _ body: (
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int
    ) -> Void
  ) {
    guard a.count > 0 else { return }
    let axis = a.shape.axis(axis)
    let count = axis.map { a.shape[$0] } ?? 1
    let (outer, inner) = axis.map { a.shape.around($0) } ?? (1, 1)
    guard inner > 1 else {
      for line in 0..<outer {
        body(a.base + line * count, b.base + line * count, c.base + line * count, count)
      }
      return
    }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * count) { scratch in
      guard let x = scratch.baseAddress else { return }
      let (y, z) = (x + count, x + 2 * count)
      for line in 0..<(outer * inner) {
        let start = line / inner * inner * count + line % inner
        for i in 0..<count {
          x[i] = a.base[start + i * inner]
          y[i] = b.base[start + i * inner]
        }
        body(x, y, z, count)
        for i in 0..<count { c.base[start + i * inner] = z[i] }
      }
    }
  }
}

/// The largest of `count` values; −infinity for none. NaNs are passed over.
@inline(__always)
func largest(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
  var top = Vector(repeating: -Float.infinity)
  forEachVector(count) { lanes in
    let values = x.vector(lanes)
    top = top.replacing(with: values, where: (values .> top) .& lanes.mask)
  }
  return top.largest
}

/// Writes `e^(x − shift)` and gives the sum.
@inline(__always)
func exponentials(
  _ x: UnsafeMutablePointer<Float>, minus shift: Float, into y: UnsafeMutablePointer<Float>,
  _ count: Int
) -> Float {
  var sum = Vector.zero
  forEachVector(count) { lanes in
    let value = exp(x.vector(lanes) - shift)
    y.store(lanes, value)
    sum += value.replacing(with: 0, where: .!lanes.mask)
  }
  return sum.total
}
