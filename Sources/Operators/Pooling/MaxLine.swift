import Tensors

extension WindowAxis {
  /// The largest elements of the windows along an axis whose steps are `inner` elements, and where
  /// they stood; of equals the one with the lowest position.
  func largest(
    _ x: UnsafeMutablePointer<Float>, _ positions: UnsafeMutablePointer<Float>,
    into y: UnsafeMutablePointer<Float>, _ found: UnsafeMutablePointer<Float>, outer: Int,
    inner: Int
  ) {
    for line in 0..<outer {
      for o in 0..<output {
        let (taps, offset) = taps(o)
        let first = (line * source + offset + taps.lowerBound * dilation) * inner
        let to = (line * output + o) * inner
        forEachVector(inner) { lanes in
          var best = (x + first).vector(lanes)
          var place = (positions + first).vector(lanes)
          var from = first
          for _ in taps.dropFirst() {
            from += dilation * inner
            let (value, position) = ((x + from).vector(lanes), (positions + from).vector(lanes))
            let wins = prevails(value, position, over: best, place)
            best = best.replacing(with: value, where: wins)
            place = place.replacing(with: position, where: wins)
          }
          (y + to).store(lanes, best)
          (found + to).store(lanes, place)
        }
      }
    }
  }
}

/// The maximum along the last axis, whose windows read neighbours.
struct MaxLine {
  /// A row of what one tap reads.
  let values: Tensor
  let positions: Tensor

  /// The largest elements of the windows along rows, and where they stood; of equals the one with
  /// the lowest position.
  func largest(
    _ axis: WindowAxis, _ x: UnsafeMutablePointer<Float>,
    _ positions: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ found: UnsafeMutablePointer<Float>, rows: Int
  ) {
    let none = Float(bitPattern: UInt32(Int32.max))
    for row in 0..<rows {
      let (from, to) = (row * axis.source, row * axis.output)
      (y + to).update(repeating: -.infinity, count: axis.output)
      (found + to).update(repeating: none, count: axis.output)
      for tap in 0..<axis.window {
        let (outputs, offset) = axis.outputs(tap)
        guard !outputs.isEmpty else { continue }
        let start = from + outputs.lowerBound * axis.stride + offset
        let end = to + outputs.lowerBound
        if axis.stride == 1 {
          take(x + start, positions + start, y + end, found + end, outputs.count)
        } else {
          gatherSteps(x + start, axis.stride, into: values.base, outputs.count)
          gatherSteps(positions + start, axis.stride, into: self.positions.base, outputs.count)
          take(values.base, self.positions.base, y + end, found + end, outputs.count)
        }
      }
    }
  }

  @inline(__always) private func take(
    _ x: UnsafeMutablePointer<Float>, _ positions: UnsafeMutablePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ found: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    forEachVector(count) { lanes in
      let (value, best) = (x.vector(lanes), y.vector(lanes))
      let (place, known) = (positions.vector(lanes), found.vector(lanes))
      let wins = prevails(value, place, over: best, known)
      y.store(lanes, best.replacing(with: value, where: wins))
      found.store(lanes, known.replacing(with: place, where: wins))
    }
  }
}

/// Where a value is the larger one, stands before its equal, or is NaN. Positions are the bits of
/// whole numbers.
@inline(__always) private func prevails(
  _ value: Vector, _ position: Vector, over best: Vector, _ place: Vector
) -> VectorMask {
  let sooner =
    unsafeBitCast(position, to: SIMD16<Int32>.self) .< unsafeBitCast(place, to: SIMD16<Int32>.self)
  return (value .> best) .| ((value .== best) .& sooner) .| (value .!= value)
}

/// Copies every `step`-th element.
@inline(__always) func gatherSteps(
  _ x: UnsafeMutablePointer<Float>, _ step: Int, into y: UnsafeMutablePointer<Float>, _ count: Int
) {
  if step == 2 {
    for i in 0..<count { y[i] = x[2 * i] }
  } else {
    for i in 0..<count { y[i] = x[i &* step] }
  }
}
