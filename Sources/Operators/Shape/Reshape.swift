import Tensors

/// The same elements under another shape, which must be known before any data.
///
/// A graph may hold the batch size that its exporter saw where it means "all samples": when the
/// elements do not fit but those of one sample do, axis 0 of the result follows the batch.
struct Reshape: Operator, Kernel {
  static let info = OperatorInfo(
    name: "Reshape", summary: "The same elements under another shape.",
    formula: "y = x, 0 keeps a length, −1 infers one", inputs: 2...2,
    attributes: [AttributeInfo("allowzero", default: "0", "1: a length of 0 is meant as one")],
    facts: [
      .affine, .passesValues, .keepsOrder, .passesIds, .forgetsInputs, .forgetsOutputs, .reshapes,
    ],
    samples: [
      GradientSample([[3, 2, 4], [2]], constants: [1: [0, -1]]),
      GradientSample([[3, 2, 4], [2]], constants: [1: [-1, 8]]),
      GradientSample([[3, 2, 4], [3]], constants: [1: [4, 2, 3]]),
      GradientSample([[3, 8], [3]], constants: [1: [5, 2, 4]]),
      GradientSample([[0, 2, 4], [2]], constants: [1: [0, -1]]),
      GradientSample([[0, 4], [2]], attributes: ["allowzero": .int(1)], constants: [1: [7, 0]]),
      GradientSample([[1, 1], [0]], constants: [1: []]),
    ])

  let allowZero: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    allowZero = try attributes.flag("allowzero", default: false)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0)
    guard let wanted = try inputs.required(1).integers else {
      throw .notConstant("the shape of a Reshape")
    }
    guard wanted.allSatisfy({ $0 >= -1 }), wanted.filter({ $0 == -1 }).count < 2,
      let dims = fill(wanted, x)
    else {
      throw .shapes(
        found: "\(x.shape) under the shape \(wanted)", expected: "\(x.shape.count) elements")
    }
    return [try Shape.of(dims)]
  }

  /// The lengths with every 0 and −1 replaced; nil when the elements do not fit.
  private func fill(_ wanted: [Int], _ x: Operand) -> [Int]? {
    // What is copied stands on both sides: the rest decides, even when a copied length is 0.
    let copied = Set(allowZero ? [] : wanted.indices.filter { wanted[$0] == 0 })
    guard copied.allSatisfy({ $0 < x.shape.rank }) else { return nil }
    let available = x.shape.dims.indices.filter { !copied.contains($0) }
      .reduce(1) { $0 * x.shape[$1] }
    guard let needed = size(wanted.indices.filter { !copied.contains($0) }.map { wanted[$0] })
    else { return nil }
    var dims = wanted
    for axis in copied { dims[axis] = x.shape[axis] }
    if let unknown = wanted.firstIndex(of: -1) {
      guard needed > 0, available % needed == 0 else { return nil }
      dims[unknown] = available / needed
    } else if needed != available {
      guard x.batched, x.shape.rank > 0, !dims.isEmpty, !copied.contains(0),
        size(Array(dims.dropFirst())) == x.shape.rowCount
      else { return nil }
      dims[0] = x.shape[0]
    }
    return dims
  }

  /// The product of lengths without a −1; nil when it does not fit.
  private func size(_ dims: [Int]) -> Int? {
    (try? Shape(dims.filter { $0 != -1 }))?.count
  }

  /// One sample must stay one under every batch size: a −1 after a written batch size would not.
  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, x.shape.rank > 0, let y = outputs.first,
      y.rank > 0, let wanted = inputs.optional(1)?.integers, let first = wanted.first
    else { return false }
    let follows = first == -1 || (first == 0 && !allowZero) || !wanted.contains(-1)
    return follows && y[0] == x.shape[0] && y.rowCount == x.shape.rowCount
  }

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { node.outputs[0].copy(x) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(0)?.copy(node.outputGradients[0])
    node.inputGradients.optional(1)?.fill(0)
  }
}
