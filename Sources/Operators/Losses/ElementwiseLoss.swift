import Tensors

/// A loss with one term for every element of prediction and target: a file gives value and slope.
protocol ElementwiseLoss: Loss {
  /// The term.
  func value(_ p: Vector, _ t: Vector) -> Vector
  /// Its derivative by the prediction.
  func slope(_ p: Vector, _ t: Vector) -> Vector
  /// Whether the framework refuses shapes that differ instead of broadcasting them.
  static var sameShape: Bool { get }
}

extension ElementwiseLoss {
  static var sameShape: Bool { false }

  func coupling(prediction: Shape, target: Shape) throws(OperatorError) -> LossCoupling {
    if prediction == target { return .none }
    guard !Self.sameShape, let common = Broadcast(prediction, target) else {
      throw .shapes(
        found: "a prediction of \(prediction) with targets of \(target)",
        expected: Self.sameShape ? "the same shape" : "shapes that broadcast")
    }
    let aligned =
      prediction.rank == target.rank && prediction.rank > 0 && prediction[0] == target[0]
    return aligned && common.shape[0] == prediction[0] ? .none : .mixed
  }

  func normalizer(prediction: Shape, target: Tensor, classWeights: Tensor?) -> Double {
    Double(Broadcast(prediction, target.shape)?.shape.count ?? 0)
  }

  @inline(__always)
  func evaluate(_ step: LossStep) throws(OperatorError) -> Double {
    guard step.prediction.shape != step.target.shape else { return plain(step) }
    guard let common = Broadcast(step.prediction.shape, step.target.shape) else { return .nan }
    return broadcast(step, common)
  }

  /// Shapes agree: one vectorized loop; float sums run over 256 elements at the most.
  @inline(__always)
  private func plain(_ step: LossStep) -> Double {
    let (p, t) = (step.prediction.base, step.target.base)
    let count = step.prediction.count
    var total = 0.0
    var start = 0
    while start < count {
      let end = min(start + 256, count)
      var part = Vector.zero
      var i = start
      while i < end {
        let rest = min(16, end - i)
        let (a, b) =
          rest == 16
          ? ((p + i).vector, (t + i).vector)
          : ((p + i).vector(first: rest), (t + i).vector(first: rest))
        let term = value(a, b)
        if rest == 16 { part += term } else { for lane in 0..<rest { part[lane] += term[lane] } }
        if let gradient = step.gradient {
          write(slope(a, b) * step.scale, to: gradient.base + i, rest, step.adding)
        }
        i += rest
      }
      total += Double(part.sum())
      start = end
    }
    return total
  }

  @inline(__always)
  private func write(
    _ slopes: Vector, to target: UnsafeMutablePointer<Float>, _ count: Int, _ adding: Bool
  ) {
    if count == 16 {
      target.store(adding ? target.vector + slopes : slopes)
    } else {
      target.store(adding ? target.vector(first: count) + slopes : slopes, first: count)
    }
  }

  /// Shapes broadcast: every pair of elements that meet is a term. Gradients are summed in double:
  /// N × N terms of a (N, 1) prediction against (N,) targets nearly cancel.
  private func broadcast(_ step: LossStep, _ common: Broadcast) -> Double {
    let width = common.shape.dims.last ?? 1
    let steps = common.innerSteps
    var total = 0.0
    var sums = [Double](repeating: 0, count: step.gradient == nil ? 0 : step.prediction.count)
    common.forEachRow { _, left, right in
      for i in 0..<width {
        let at = left + i * steps.left
        let p = Vector(repeating: step.prediction.base[at])
        let t = Vector(repeating: step.target.base[right + i * steps.right])
        total += Double(value(p, t)[0])
        if !sums.isEmpty { sums[at] += Double(slope(p, t)[0]) }
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
