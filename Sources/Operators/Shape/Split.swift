import Tensors

/// A tensor cut into pieces along an axis.
struct Split: Operator {
  static let info = OperatorInfo(
    name: "Split", summary: "A tensor cut into pieces along an axis.",
    formula: "[a, b, …] = x", inputs: 1...2, outputs: 1...Concat.pieceLimit,
    attributes: [
      AttributeInfo("axis", default: "0", "the axis along which to cut"),
      AttributeInfo("num_outputs", default: "none", "how many pieces; the last may be shorter"),
      AttributeInfo("split", default: "input 1", "older form: the lengths of the pieces"),
    ],
    facts: [.affine, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[4, 3]], attributes: ["num_outputs": .int(2)]),
      GradientSample([[3, 5]], attributes: ["num_outputs": .int(2), "axis": .int(-1)]),
      GradientSample([[2, 5, 3], [3]], attributes: ["axis": .int(1)], constants: [1: [2, 0, 3]]),
      GradientSample([[2, 5]], attributes: ["axis": .int(1), "split": .ints([4, 1])]),
      GradientSample([[3, 4], [1]], attributes: ["axis": .int(1)], constants: [1: [4]]),
      GradientSample([[0, 4]], attributes: ["num_outputs": .int(2), "axis": .int(1)]),
    ])

  let axis: Int
  private let parts: Int?
  private let lengths: [Int]?

  init(_ attributes: Attributes) throws(OperatorError) {
    axis = try attributes.int("axis", default: 0)
    parts =
      attributes.has("num_outputs") ? try attributes.int("num_outputs", default: 1) : nil
    lengths = try attributes.ints("split")
    if let parts, !(1...Concat.pieceLimit).contains(parts) {
      throw .attribute("num_outputs", found: "\(parts)", expected: "1 to \(Concat.pieceLimit)")
    }
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    guard let axis = x.axis(axis) else {
      throw .attribute("axis", found: "\(self.axis)", expected: "an axis of \(x)")
    }
    let pieces = try pieces(of: x[axis], inputs)
    let sum = pieces.reduce(0 as Int?) { sum, length in
      guard let sum, length >= 0 else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(length)
      return overflow ? nil : next
    }
    guard sum == x[axis], pieces.count <= Concat.pieceLimit else {
      throw .shapes(
        found: "pieces of \(pieces) along axis \(axis) of \(x)", expected: "\(x[axis]) in all")
    }
    var shapes: [Shape] = []
    for length in pieces {
      var dims = x.dims
      dims[axis] = length
      shapes.append(try Shape.of(dims))
    }
    return shapes
  }

  /// The lengths of the pieces: given, or as even as ONNX wants them.
  private func pieces(of length: Int, _ inputs: [Operand?]) throws(OperatorError) -> [Int] {
    if let lengths = try inputs.numbers(1, "the lengths of a Split") ?? lengths { return lengths }
    guard let parts else {
      throw .attribute(
        "num_outputs", found: "missing", expected: "a number of pieces, or their lengths")
    }
    let size = (length + parts - 1) / parts
    let rest = length - size * (parts - 1)
    return [Int](repeating: size, count: parts - 1) + [rest]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    let pieces = try outputShapes(inputs).count
    guard outputs.count <= pieces else {
      throw .arity("outputs", found: outputs.count, expected: 1...max(1, pieces))
    }
    return SplitKernel(axis: axis)
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, let axis = x.shape.axis(axis) else { return false }
    return axis != 0
  }
}

struct SplitKernel: Kernel {
  let axis: Int

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    moveBlocks(of: x, axis: axis, node.outputs) { whole, piece, count in
      piece?.update(from: whole, count: count)
    }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    guard let dx = node.inputGradients.optional(0) else { return }
    // Pieces that nobody named leave zeros.
    let named = node.outputGradients.reduce(0) { $0 + $1.count }
    if named < dx.count { dx.fill(0) }
    moveBlocks(of: dx, axis: axis, node.outputGradients) { whole, piece, count in
      if let piece { whole.update(from: piece, count: count) }
    }
  }
}
