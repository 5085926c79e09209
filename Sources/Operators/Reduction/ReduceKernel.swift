import Tensors

/// Brings the lines of a reduction into one piece each, where they are not, and reduces them.
final class ReduceKernel<Operation: Reduce>: Kernel {
  private let operation: Operation
  /// Elements of a line.
  private let length: Int
  /// From a matrix of one line per row to the input.
  private let lines: Walk
  /// The lines and their gradients, where they do not lie in one piece each.
  private let workspace: Workspace?

  init(_ operation: Operation, _ x: Shape, axes: [Int]) throws(OperatorError) {
    self.operation = operation
    let kept = x.dims.indices.filter { !axes.contains($0) }
    let order = kept + axes
    let steps = x.steps
    length = axes.reduce(1) { $0 * x[$1] }
    lines = Walk(order.map { x[$0] }, steps: order.map { steps[$0] })
    workspace = lines.isPlain || x.count == 0 ? nil : try Workspace([x])
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    let y = node.outputs[0]
    let base = gathered(x)
    for line in 0..<y.count { y.base[line] = operation.value(base + line * length, length) }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    guard let x = node.inputs.optional(0), let dx = node.inputGradients.optional(0) else { return }
    let (y, dy) = (node.outputs[0].base, node.outputGradients[0].base)
    let base = gathered(x)
    // A line is read before its gradient is written over it.
    let target = workspace?[0] ?? dx.base
    guard length > 0 else { return }
    for line in 0..<(x.count / length) {
      operation.slopes(
        base + line * length, y[line], dy[line], into: target + line * length, length)
    }
    if let workspace { lines.write(workspace[0], into: dx.base) }
  }

  private func gathered(_ x: Tensor) -> UnsafeMutablePointer<Float> {
    guard let workspace else { return x.base }
    lines.read(x.base, into: workspace[0])
    return workspace[0]
  }
}
