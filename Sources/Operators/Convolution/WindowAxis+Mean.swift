import Tensors

// The mean along one axis and its transpose; `shares` holds one over what counts in each window.
extension WindowAxis {
  /// How many elements count in a window.
  func counted(_ o: Int, padding: Bool) -> Int {
    let (taps, offset) = taps(o)
    guard padding else { return taps.count }
    return max(0, min(window, (source + after - offset + dilation - 1) / dilation))
  }

  /// The means along an axis whose steps are `inner` elements.
  func mean(
    _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ shares: UnsafeMutablePointer<Float>, _ around: (outer: Int, inner: Int)
  ) {
    let inner = around.inner
    for line in 0..<around.outer {
      for o in 0..<output {
        let (taps, offset) = taps(o)
        let first = (line * source + offset + taps.lowerBound * dilation) * inner
        let to = (line * output + o) * inner
        forEachVector(inner) { lanes in
          var sum = Vector.zero
          var from = first
          for _ in taps {
            sum += (x + from).vector(lanes)
            from += dilation * inner
          }
          (y + to).store(lanes, sum * shares[o])
        }
      }
    }
  }

  /// Adds to `dx` what the means along that axis hand back.
  func spreadMean(
    _ dy: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    _ shares: UnsafeMutablePointer<Float>, _ around: (outer: Int, inner: Int)
  ) {
    let inner = around.inner
    for line in 0..<around.outer {
      for o in 0..<output {
        let (taps, offset) = taps(o)
        let first = (line * source + offset + taps.lowerBound * dilation) * inner
        let from = (line * output + o) * inner
        forEachVector(inner) { lanes in
          let slope = (dy + from).vector(lanes) * shares[o]
          var to = first
          for _ in taps {
            (dx + to).store(lanes, (dx + to).vector(lanes) + slope)
            to += dilation * inner
          }
        }
      }
    }
  }

  /// The means along rows; `scratch` is as long as a row of the output.
  func mean(
    rows: Int, _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ shares: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let sums = y + row * output
      sums.update(repeating: 0, count: output)
      for tap in 0..<window {
        let (outputs, offset) = outputs(tap)
        guard !outputs.isEmpty else { continue }
        let to = sums + outputs.lowerBound
        var from = x + (row * source + outputs.lowerBound * stride + offset)
        if stride > 1 {
          gatherSteps(from, stride, into: scratch, outputs.count)
          from = scratch
        }
        forEachVector(outputs.count) { to.store($0, to.vector($0) + from.vector($0)) }
      }
      forEachVector(output) { sums.store($0, sums.vector($0) * shares.vector($0)) }
    }
  }

  /// Adds to `dx` what the means along rows hand back.
  func spreadMean(
    rows: Int, _ dy: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    _ shares: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let slopes = dy + row * output
      forEachVector(output) { scratch.store($0, slopes.vector($0) * shares.vector($0)) }
      for tap in 0..<window {
        let (outputs, offset) = outputs(tap)
        guard !outputs.isEmpty else { continue }
        let from = scratch + outputs.lowerBound
        let to = dx + (row * source + outputs.lowerBound * stride + offset)
        if stride == 1 {
          forEachVector(outputs.count) { to.store($0, to.vector($0) + from.vector($0)) }
        } else {
          for i in 0..<outputs.count { to[i &* stride] += from[i] }
        }
      }
    }
  }
}
