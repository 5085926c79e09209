import Tensors

/// The largest element of each channel over all spatial axes. The gradient goes to the first of
/// equal elements; NaN is larger than anything.
struct GlobalMaxPool: Operator, Kernel {
  static let info = OperatorInfo(
    name: "GlobalMaxPool", summary: "Largest element of each channel over all spatial axes.",
    formula: "y[n, c] = max x[n, c, …]", inputs: 1...1,
    samples: [
      GradientSample([[2, 3, 4, 5]], range: MaxPool.wide),
      GradientSample([[3, 2, 19]], range: MaxPool.wide),
      GradientSample([[2, 1, 2, 3, 2]], range: MaxPool.wide), GradientSample([[0, 2, 3]]),
    ])

  init(_ attributes: Attributes) {}

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try globalPool(try inputs.required(0).shape)]
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { 1 }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    inputs.optional(0)?.batched == true
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    let y = node.outputs[0]
    guard y.count > 0 else { return }
    let size = x.count / y.count
    for plane in 0..<y.count {
      let values = x.base + plane * size
      var top = Vector(repeating: -Float.infinity)
      var strange = Vector.zero
      forEachVector(size) { lanes in
        let value = values.vector(lanes)
        top = top.replacing(with: value, where: (value .> top) .& lanes.mask)
        strange = strange.replacing(with: value, where: value .!= value)
      }
      let nan = strange.total
      y.base[plane] = nan.isNaN ? nan : top.largest
    }
  }

  func backward(_ node: Backward) {
    guard let x = node.inputs.optional(0), let dx = node.inputGradients.optional(0) else { return }
    let (y, dy) = (node.outputs[0], node.outputGradients[0])
    dx.fill(0)
    guard dy.count > 0 else { return }
    let size = dx.count / dy.count
    for plane in 0..<dy.count {
      let top = y.base[plane]
      let values = UnsafeBufferPointer(start: x.base + plane * size, count: size)
      let place = top.isNaN ? values.lastIndex(where: \.isNaN) : values.firstIndex(of: top)
      if let place { dx.base[plane * size + place] = dy.base[plane] }
    }
  }
}
