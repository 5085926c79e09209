import Tensors

/// A tensor laid side by side with itself, so many times along each axis.
struct Tile: Operator {
  static let info = OperatorInfo(
    name: "Tile", summary: "A tensor repeated whole along each axis.",
    formula: "y[i] = x[i mod length]", inputs: 2...2,
    facts: [.affine, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[3, 2], [2]], constants: [1: [1, 3]]),
      GradientSample([[2, 3], [2]], constants: [1: [2, 2]]),
      GradientSample([[2, 1, 17], [3]], constants: [1: [1, 2, 2]]),
      GradientSample([[], [0]], constants: [1: []]),
      GradientSample([[3, 2], [2]], constants: [1: [1, 0]]),
      GradientSample([[0, 2], [2]], constants: [1: [1, 2]]),
    ])

  init(_ attributes: Attributes) {}

  private func repeats(_ inputs: [Operand?]) throws(OperatorError) -> [Int] {
    let x = try inputs.required(0).shape
    guard let repeats = try inputs.required(1).integers else {
      throw .notConstant("the repeats of a Tile")
    }
    guard repeats.count == x.rank, repeats.allSatisfy({ $0 >= 0 }) else {
      throw .shapes(
        found: "repeats \(repeats) of \(x)", expected: "\(x.rank) of them, none negative")
    }
    return repeats
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    var dims: [Int] = []
    for (length, times) in Swift.zip(x.dims, try repeats(inputs)) {
      let (product, overflow) = length.multipliedReportingOverflow(by: times)
      guard !overflow else { throw .tensor(.shape(x.dims)) }
      dims.append(product)
    }
    return [try Shape.of(dims)]
  }

  /// Both shapes with an axis of repeats before each axis: tiling is broadcasting there.
  private func apart(_ inputs: [Operand?]) throws(OperatorError) -> (x: Shape, y: Shape) {
    let x = try inputs.required(0).shape
    return (
      try Shape.of(x.dims.flatMap { [1, $0] }),
      try Shape.of(Swift.zip(try repeats(inputs), x.dims).flatMap { [$0, $1] })
    )
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    let (x, y) = try apart(inputs)
    return TileKernel(x: x, y: y)
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard inputs.optional(0)?.batched == true, let repeats = try? repeats(inputs) else {
      return false
    }
    return repeats.first == 1
  }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let values = inputs.optional(0)?.constant, let (x, y) = try? apart(inputs),
      y.count <= constantLimit, values.count == x.count, let common = Broadcast(y, x)
    else { return nil }
    return Walk(y.dims, steps: common.right).pick(values)
  }
}

struct TileKernel: Kernel {
  let x: Shape
  let y: Shape

  func forward(_ node: Forward) {
    guard let tensor = node.inputs.optional(0) else { return }
    broadcast(tensor.reshaped(x), over: node.outputs[0].reshaped(y))
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    guard let dx = node.inputGradients.optional(0) else { return }
    reduceToShape(node.outputGradients[0].reshaped(y), into: dx.reshaped(x))
  }
}
