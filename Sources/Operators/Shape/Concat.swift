import Tensors

/// Several tensors, one after another along an axis.
struct Concat: Operator, Kernel {
  /// The most pieces that a tensor is joined of or split into.
  static let pieceLimit = 4096

  static let info = OperatorInfo(
    name: "Concat", summary: "Tensors one after another along an axis.",
    formula: "y = [a, b, …]", inputs: 1...pieceLimit,
    attributes: [AttributeInfo("axis", default: "required", "the axis along which they stand")],
    facts: [.affine, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[3, 2], [3, 5]], attributes: ["axis": .int(1)]),
      GradientSample([[2, 3], [1, 3], [2, 3]], attributes: ["axis": .int(0)]),
      GradientSample([[2, 1, 3], [2, 4, 3]], attributes: ["axis": .int(-2)]),
      GradientSample([[4], [0], [2]], attributes: ["axis": .int(0)]),
      GradientSample([[3, 4]], attributes: ["axis": .int(1)]),
      GradientSample([[0, 2], [0, 3]], attributes: ["axis": .int(1)]),
    ])

  let axis: Int

  init(_ attributes: Attributes) throws(OperatorError) {
    guard attributes.has("axis") else {
      throw .attribute("axis", found: "missing", expected: "a whole number")
    }
    axis = try attributes.int("axis", default: 0)
  }

  private init(axis: Int) { self.axis = axis }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    var first: Shape?
    var length = 0
    for index in inputs.indices {
      let shape = try inputs.required(index).shape
      let other = first ?? shape
      guard let axis = shape.axis(axis) else {
        throw .attribute("axis", found: "\(self.axis)", expected: "an axis of \(shape)")
      }
      let alike =
        shape.rank == other.rank
        && shape.dims.indices.allSatisfy { $0 == axis || shape[$0] == other[$0] }
      let (sum, overflow) = length.addingReportingOverflow(shape[axis])
      guard alike, !overflow else {
        throw .shapes(
          found: "\(shape) after \(other) along axis \(axis)",
          expected: "lengths that differ along that axis only")
      }
      (first, length) = (other, sum)
    }
    guard let first, let axis = first.axis(axis) else {
      throw .shapes(found: "no inputs", expected: "at least one")
    }
    var dims = first.dims
    dims[axis] = length
    return [try Shape.of(dims)]
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let y = outputs.first, let axis = y.axis(axis) else { return false }
    return axis != 0 && inputs.allSatisfy { $0?.batched == true }
  }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let y = try? outputShapes(inputs).first, let axis = y.axis(axis) else { return nil }
    var pieces: [(values: [Double], block: Int)] = []
    for input in inputs {
      guard let input, let values = input.constant, values.count == input.shape.count else {
        return nil
      }
      pieces.append((values, input.shape[axis] * input.shape.around(axis).inner))
    }
    return (0..<y.around(axis).outer).flatMap { row in
      pieces.flatMap { $0.values[(row * $0.block)..<((row + 1) * $0.block)] }
    }
  }

  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule {
    (outputs.first?.rank ?? 0) > 2 ? .alike(Array(inputs.indices)) : .rows
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel {
    guard destination == .channelBlocks, let axis = outputs.first?.axis(axis) else { return self }
    return try BlockView(inputs, outputs) { _, _ in Concat(axis: axis) }
  }

  func forward(_ node: Forward) {
    moveBlocks(of: node.outputs[0], axis: axis, node.inputs) { whole, piece, count in
      piece.map { whole.update(from: $0, count: count) }
    }
  }

  func backward(_ node: Backward) {
    // The lengths are those of the inputs even where no gradient is asked for.
    moveBlocks(
      of: node.outputGradients[0], axis: axis, node.inputGradients, like: node.inputs
    ) { whole, piece, count in piece?.update(from: whole, count: count) }
  }
}

/// Calls `move` for every block of a whole that belongs to one of its pieces along an axis, with
/// the place of the block in both and its length; `like` has the shapes where pieces are nil.
func moveBlocks(
  of whole: Tensor, axis: Int, _ pieces: [Tensor?], like shapes: [Tensor?]? = nil,
  _ move: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>?, Int) -> Void
) {
  guard let axis = whole.shape.axis(axis) else { return }
  let (outer, inner) = whole.shape.around(axis)
  let row = whole.shape[axis] * inner
  var offset = 0
  for (index, piece) in pieces.enumerated() {
    guard let shape = (shapes?[index] ?? piece)?.shape else { continue }
    let block = shape[axis] * inner
    for line in 0..<outer {
      move(whole.base + line * row + offset, piece.map { $0.base + line * block }, block)
    }
    offset += block
  }
}
