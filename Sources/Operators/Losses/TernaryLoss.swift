import Tensors

/// A loss with a term for every element of prediction and target and of a third tensor, which is
/// the operand of `LossInfo.second` or `.weights`, or 1 where it is not given.
protocol TernaryLoss: PairedLoss {
  /// The term.
  func value(_ p: Vector, _ t: Vector, _ third: Vector) -> Vector
  /// Its derivatives by the prediction and by the third tensor; the latter is used of a second one.
  func slopes(_ p: Vector, _ t: Vector, _ third: Vector) -> (prediction: Vector, third: Vector)
  /// The shape in which the third tensor broadcasts to that of all terms.
  static func aligned(_ third: Shape, prediction: Shape) throws(OperatorError) -> Shape
}

extension TernaryLoss {
  static func aligned(_ third: Shape, prediction: Shape) throws(OperatorError) -> Shape {
    guard Broadcast(prediction, third)?.shape == prediction else {
      throw .shapes(
        found: "\(info.weights?.name ?? info.second?.name ?? "a third tensor") of \(third)",
        expected: "a shape that broadcasts to the prediction's, \(prediction)")
    }
    return third
  }

  @inline(__always)
  func evaluate(_ step: LossStep) throws(OperatorError) -> Double {
    let third = step.others.first?.value ?? step.weights
    let shape = try third.map { tensor throws(OperatorError) in
      try Self.aligned(tensor.shape, prediction: step.prediction.shape)
    }
    if step.prediction.shape == step.target.shape, shape == nil || shape == step.target.shape {
      return plain(step, third)
    }
    guard let common = TernaryBroadcast(step.prediction.shape, step.target.shape, shape ?? .scalar)
    else {
      return .nan
    }
    return terms(step, third, common)
  }

  /// Shapes agree: one row. Float sums run over 256 elements at the most.
  @inline(__always)
  private func plain(_ step: LossStep, _ third: Tensor?) -> Double {
    let (count, scale) = (step.prediction.count, step.scale)
    let (gradient, other) = (step.gradient, step.others.first)
    let (otherGradient, addingOther) = (other?.gradient, other?.adding ?? false)
    var total = 0.0
    var start = 0
    while start < count {
      let (p, t) = (step.prediction.base + start, step.target.base + start)
      let w = third.map { $0.base + start }
      let piece = min(256, count - start)
      var sum = Vector.zero
      forEachVector(piece) { lanes in
        let (a, b) = (p.vector(lanes), t.vector(lanes))
        let c = w.map { $0.vector(lanes) } ?? Vector(repeating: 1)
        sum += value(a, b, c).replacing(with: 0, where: .!lanes.mask)
        if gradient == nil && otherGradient == nil { return }
        let slopes = slopes(a, b, c)
        if let g = gradient.map({ $0.base + start }) {
          let slope = slopes.prediction * scale
          g.store(lanes, step.adding ? g.vector(lanes) + slope : slope)
        }
        if let g = otherGradient.map({ $0.base + start }) {
          let slope = slopes.third * scale
          g.store(lanes, addingOther ? g.vector(lanes) + slope : slope)
        }
      }
      total += Double(sum.total)
      start += piece
    }
    return total
  }

  /// Shapes broadcast: gradients are summed in double, for many terms nearly cancel.
  private func terms(_ step: LossStep, _ third: Tensor?, _ common: TernaryBroadcast) -> Double {
    let (width, steps) = (common.width, common.innerSteps)
    let other = step.others.first
    var total = 0.0
    var first = [Double](repeating: 0, count: step.gradient?.count ?? 0)
    var second = [Double](repeating: 0, count: other?.gradient?.count ?? 0)
    common.forEachRow { left, right, other in
      forEachVector(width) { lanes in
        let p = Self.load(step.prediction.base + left, steps[0], lanes)
        let t = Self.load(step.target.base + right, steps[1], lanes)
        let w = third.map { Self.load($0.base + other, steps[2], lanes) } ?? Vector(repeating: 1)
        total += Double(value(p, t, w).replacing(with: 0, where: .!lanes.mask).total)
        if first.isEmpty && second.isEmpty { return }
        let slopes = slopes(p, t, w)
        Self.sum(slopes.prediction, lanes, steps[0], into: &first, at: left)
        Self.sum(slopes.third, lanes, steps[2], into: &second, at: other)
      }
    }
    Self.write(first, step.scale, step.gradient, step.adding)
    Self.write(second, step.scale, other?.gradient, other?.adding ?? false)
    return total
  }

  @inline(__always)
  private static func load(
    _ base: UnsafeMutablePointer<Float>, _ step: Int, _ lanes: Lanes
  ) -> Vector {
    step == 1 ? base.vector(lanes) : Vector(repeating: base.pointee)
  }

  private static func sum(
    _ slopes: Vector, _ lanes: Lanes, _ step: Int, into sums: inout [Double], at offset: Int
  ) {
    guard !sums.isEmpty else { return }
    if step == 0 {
      sums[offset] += Double(slopes.replacing(with: 0, where: .!lanes.mask).total)
    } else {
      for lane in 0..<lanes.count { sums[offset + lanes.start + lane] += Double(slopes[lane]) }
    }
  }

  private static func write(_ sums: [Double], _ scale: Float, _ gradient: Tensor?, _ adding: Bool) {
    guard let gradient else { return }
    for i in sums.indices {
      let slope = Float(sums[i] * Double(scale))
      gradient.base[i] = adding ? gradient.base[i] + slope : slope
    }
  }
}
