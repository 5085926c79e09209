import Tensors

/// Both directions of AveragePool. The mean over a window is that over one axis after another, for
/// how many elements count is a product over the axes.
final class AveragePoolKernel: Kernel {
  private let planes: Int
  private let axes: [WindowAxis]
  /// Elements of a plane, and of what becomes of it after each axis.
  private let counts: [Int]
  private let workspace: Workspace
  /// What lies between two axes.
  private let between: [Tensor]
  /// By axis: one over what counts in each window.
  private let shares: [Tensor]
  private let row: Tensor

  init(planes: Int, _ axes: [WindowAxis], countsPadding: Bool) throws(OperatorError) {
    self.planes = planes
    self.axes = axes
    counts = try axes.planeCounts()
    let row = axes.last?.output ?? 0
    workspace = try Workspace(counts: [row] + counts.dropFirst().dropLast() + axes.map(\.output))
    self.row = workspace.tensors[0]
    between = Array(workspace.tensors[1..<axes.count])
    shares = Array(workspace.tensors[axes.count...])
    for (axis, share) in zip(axes, shares) {
      for o in 0..<axis.output {
        let count = axis.counted(o, padding: countsPadding)
        share.base[o] = count > 0 ? 1 / Float(count) : 0
      }
    }
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0), let last = axes.last, counts[axes.count] > 0 else {
      return
    }
    let y = node.outputs[0].base
    for plane in 0..<planes {
      var values = x.base + plane * counts[0]
      for (i, axis) in axes.dropLast().enumerated() {
        axis.mean(values, into: between[i].base, shares[i].base, around(i))
        values = between[i].base
      }
      let count = counts[axes.count]
      last.mean(
        rows: count / last.output, values, into: y + plane * count, shares[axes.count - 1].base,
        row.base)
    }
  }

  func backward(_ node: Backward) {
    guard let dx = node.inputGradients.optional(0), let last = axes.last else { return }
    dx.fill(0)
    let count = counts[axes.count]
    guard count > 0 else { return }
    let dy = node.outputGradients[0].base
    for plane in 0..<planes {
      let target = dx.base + plane * counts[0]
      var slopes = axes.count > 1 ? between[axes.count - 2].base : target
      slopes.update(repeating: 0, count: counts[axes.count - 1])
      last.spreadMean(
        rows: count / last.output, dy + plane * count, into: slopes, shares[axes.count - 1].base,
        row.base)
      for i in (0..<(axes.count - 1)).reversed() {
        let next = i > 0 ? between[i - 1].base : target
        if i > 0 { next.update(repeating: 0, count: counts[i]) }
        axes[i].spreadMean(slopes, into: next, shares[i].base, around(i))
        slopes = next
      }
    }
  }

  /// The lines before an axis, and the elements of one step along it, when all axes before it are
  /// done.
  private func around(_ i: Int) -> (outer: Int, inner: Int) {
    (
      axes[..<i].reduce(1) { $0 * $1.output }, axes[(i + 1)...].reduce(1) { $0 * $1.source }
    )
  }
}
