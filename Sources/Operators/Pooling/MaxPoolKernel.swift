import Tensors

/// Both directions of MaxPool. The maximum over a window is that over one axis after another; where
/// each stood goes along, so that backward knows without looking again.
///
/// Positions are whole numbers of 32 bits that count through a plane (one channel of one sample);
/// they lie in float memory by their bits.
final class MaxPoolKernel: Kernel {
  private let planes: Int
  private let axes: [WindowAxis]
  private let columnMajor: Bool
  /// Elements of a plane, and of what becomes of it after each axis.
  private let counts: [Int]
  private let workspace: Workspace
  /// The position of every element of a plane: its own.
  private var own: Tensor { workspace.tensors[0] }
  /// The position of every output.
  private var found: Tensor { workspace.tensors[1] }
  private let line: MaxLine
  /// Values and positions between two axes.
  private let between: [(values: Tensor, positions: Tensor)]

  init(planes: Int, _ axes: [WindowAxis], columnMajor: Bool) throws(OperatorError) {
    self.planes = planes
    self.axes = axes
    self.columnMajor = columnMajor
    counts = try axes.planeCounts()
    let row = axes.last?.output ?? 0
    let inside = counts.dropFirst().dropLast()
    let all = try Shape.of([planes, counts[axes.count]]).count
    workspace = try Workspace(counts: [counts[0], all, row, row] + inside.flatMap { [$0, $0] })
    let tensors = workspace.tensors
    line = MaxLine(values: tensors[2], positions: tensors[3])
    between = (0..<inside.count).map { (tensors[2 * $0 + 4], tensors[2 * $0 + 5]) }
    for i in 0..<counts[0] {
      tensors[0].base[i] = Float(bitPattern: UInt32(truncatingIfNeeded: i))
    }
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0), let last = axes.last else { return }
    let y = node.outputs[0]
    let (size, count) = (counts[0], counts[axes.count])
    guard count > 0 else { return }
    for plane in 0..<planes {
      var values = x.base + plane * size
      var positions = own.base
      for (i, axis) in axes.dropLast().enumerated() {
        let inner = axes[(i + 1)...].reduce(1) { $0 * $1.source }
        let next = between[i]
        axis.largest(
          values, positions, into: next.values.base, next.positions.base,
          outer: counts[i] / (axis.source * inner), inner: inner)
        (values, positions) = (next.values.base, next.positions.base)
      }
      line.largest(
        last, values, positions, into: y.base + plane * count, found.base + plane * count,
        rows: count / last.output)
    }
    if node.outputs.count > 1 { writeIndices(node.outputs[1]) }
  }

  func backward(_ node: Backward) {
    guard let dx = node.inputGradients.optional(0) else { return }
    dx.fill(0)
    let (size, count) = (counts[0], counts[axes.count])
    let dy = node.outputGradients[0].base
    for plane in 0..<planes {
      let target = dx.base + plane * size
      for i in (plane * count)..<((plane + 1) * count) {
        target[Int(found.base[i].bitPattern)] += dy[i]
      }
    }
  }

  /// The places of the outputs in the input, counted through the whole batch.
  private func writeIndices(_ indices: Tensor) {
    let (size, count) = (counts[0], counts[axes.count])
    for i in indices.buffer.indices {
      var position = Int(found.base[i].bitPattern)
      if columnMajor {
        // The same place when the first spatial axis is the fastest.
        var (reversed, step) = (0, size)
        for axis in axes.reversed() {
          step /= axis.source
          reversed += position % axis.source * step
          position /= axis.source
        }
        position = reversed
      }
      indices.base[i] = Float(i / count * size + position)
    }
  }
}
