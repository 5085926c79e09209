import Tensors

/// A loss with one term for every element of prediction and target: a file gives value and slope.
protocol ElementwiseLoss: PairedLoss {
  /// The term.
  func value(_ p: Vector, _ t: Vector) -> Vector
  /// Its derivative by the prediction.
  func slope(_ p: Vector, _ t: Vector) -> Vector
}

extension ElementwiseLoss {
  @inline(__always)
  func evaluate(_ step: LossStep) throws(OperatorError) -> Double {
    guard step.prediction.shape != step.target.shape else { return plain(step) }
    guard let common = Broadcast(step.prediction.shape, step.target.shape) else { return .nan }
    return broadcast(step, common)
  }

  /// Shapes agree: one row. Float sums run over 256 elements at the most.
  @inline(__always)
  private func plain(_ step: LossStep) -> Double {
    let (count, scale, adding) = (step.prediction.count, step.scale, step.adding)
    var total = 0.0
    var start = 0
    while start < count {
      let (p, t) = (step.prediction.base + start, step.target.base + start)
      let piece = min(256, count - start)
      var sum = Vector.zero
      forEachVector(piece) { lanes in
        sum += value(p.vector(lanes), t.vector(lanes)).replacing(with: 0, where: .!lanes.mask)
      }
      total += Double(sum.total)
      if let gradient = step.gradient {
        let g = gradient.base + start
        forEachVector(piece) { lanes in
          let slope = slope(p.vector(lanes), t.vector(lanes)) * scale
          g.store(lanes, adding ? g.vector(lanes) + slope : slope)
        }
      }
      start += piece
    }
    return total
  }

  /// Shapes broadcast: every pair of elements that meet is a term. Gradients are summed in double:
  /// N × N terms of a (N, 1) prediction against (N,) targets nearly cancel.
  private func broadcast(_ step: LossStep, _ common: Broadcast) -> Double {
    let width = common.shape.dims.last ?? 1
    let steps = common.innerSteps
    var total = 0.0
    var sums = [Double](repeating: 0, count: step.gradient == nil ? 0 : step.prediction.count)
    common.forEachRow { _, left, right in
      let (p, t) = (step.prediction.base + left, step.target.base + right)
      forEachVector(width) { lanes in
        let a = steps.left == 1 ? p.vector(lanes) : Vector(repeating: p.pointee)
        let b = steps.right == 1 ? t.vector(lanes) : Vector(repeating: t.pointee)
        total += Double(value(a, b).replacing(with: 0, where: .!lanes.mask).total)
        guard !sums.isEmpty else { return }
        let slopes = slope(a, b).replacing(with: 0, where: .!lanes.mask)
        if steps.left == 0 {
          sums[left] += Double(slopes.total)
        } else {
          for lane in 0..<lanes.count { sums[left + lanes.start + lane] += Double(slopes[lane]) }
        }
      }
    }
    if let gradient = step.gradient {
      for i in sums.indices {
        let slope = Float(sums[i] * Double(step.scale))
        gradient.base[i] = step.adding ? gradient.base[i] + slope : slope
      }
    }
    return total
  }
}
