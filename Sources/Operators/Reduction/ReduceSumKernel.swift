import Tensors

/// A sum along axes, or a mean. Lines need not be brought together for it: rows are added up where
/// they lie.
struct ReduceSumKernel: Kernel {
  /// The shape of the result with all axes kept.
  let kept: Shape
  /// 1, or 1 / the elements of a line.
  let factor: Float

  init(_ x: Shape, axes: [Int], mean: Bool) throws(OperatorError) {
    kept = try Shape.of(x.dims.indices.map { axes.contains($0) ? 1 : x[$0] })
    let count = axes.reduce(1) { $0 * x[$1] }
    factor = mean ? 1 / Float(max(1, count)) : 1
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    let y = node.outputs[0].reshaped(kept)
    reduceToShape(x, into: y)
    if factor != 1 { map(y, into: y) { $0 * factor } }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    guard let dx = node.inputGradients.optional(0) else { return }
    broadcast(node.outputGradients[0].reshaped(kept), over: dx)
    if factor != 1 { map(dx, into: dx) { $0 * factor } }
  }
}
