import Tensors

/// Both directions of MaxPool over two axes, on blocks of sixteen channels: a vector is one place of
/// sixteen channels, and so is where the maximum of each stood, kept for the way back.
final class MaxPoolBlocks: Kernel {
  private let planes: Int
  private let rows: WindowAxis
  private let columns: WindowAxis
  private let workspace: Workspace
  /// By output and channel: the place in its plane, a whole number in a float's bits.
  private var found: UnsafeMutablePointer<Float> { workspace.tensors[0].base }

  /// - Parameter planes: samples times blocks of channels.
  init(planes: Int, _ rows: WindowAxis, _ columns: WindowAxis) throws(OperatorError) {
    self.planes = planes
    self.rows = rows
    self.columns = columns
    workspace = try Workspace(dims: [[planes, rows.output, columns.output, TensorOrder.channels]])
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    let y = node.outputs[0].base
    forEachWindow { window, output in
      var best = Vector(repeating: -.infinity)
      var place = Vector.zero
      var isFirst = true
      forEachTap(of: window) { position in
        let value = (x.base + window.plane + position * TensorOrder.channels).vector
        // The first of equal elements stays, as row-major order meets them; NaN wins.
        let wins = (value .> best) .| (value .!= value)
        let here = bits(position)
        best = isFirst ? value : best.replacing(with: value, where: wins)
        place = isFirst ? here : place.replacing(with: here, where: wins)
        isFirst = false
      }
      (y + output).store(best)
      (found + output).store(place)
    }
  }

  func backward(_ node: Backward) {
    guard let dx = node.inputGradients.optional(0) else { return }
    dx.fill(0)
    let dy = node.outputGradients[0].base
    forEachWindow { window, output in
      let slope = (dy + output).vector
      let place = unsafeBitCast((found + output).vector, to: SIMD16<Int32>.self)
      forEachTap(of: window) { position in
        let to = dx.base + window.plane + position * TensorOrder.channels
        let here = place .== SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: position))
        to.store(to.vector + Vector.zero.replacing(with: slope, where: here))
      }
    }
  }

  /// The part of a window that lies on the input.
  private struct Reach {
    /// The first element of the plane.
    let plane: Int
    let rows: (taps: Range<Int>, offset: Int)
    let columns: (taps: Range<Int>, offset: Int)
  }

  @inline(__always) private func bits(_ position: Int) -> Vector {
    Vector(repeating: Float(bitPattern: UInt32(truncatingIfNeeded: position)))
  }

  /// Every window, with the index of its sixteen outputs.
  @inline(__always) private func forEachWindow(_ body: (Reach, Int) -> Void) {
    var output = 0
    for plane in 0..<planes {
      let first = plane * rows.source * columns.source * TensorOrder.channels
      for row in 0..<rows.output {
        let vertical = rows.taps(row)
        for column in 0..<columns.output {
          let horizontal = columns.taps(column)
          body(
            Reach(
              plane: first, rows: (vertical.range, vertical.offset),
              columns: (horizontal.range, horizontal.offset)), output)
          output += TensorOrder.channels
        }
      }
    }
  }

  /// Every place of the input that a window reads, counted through its plane.
  @inline(__always) private func forEachTap(of window: Reach, _ body: (Int) -> Void) {
    for tap in window.rows.taps {
      let line = (window.rows.offset + tap * rows.dilation) * columns.source
      for tap in window.columns.taps {
        body(line + window.columns.offset + tap * columns.dilation)
      }
    }
  }
}
