import Tensors

/// Both directions of the normalizations that treat lines for themselves. The inputs are X, scale and
/// perhaps B; the outputs Y and perhaps the mean and one over the standard deviation of every line.
/// Backward uses the statistics of the last forward step.
struct LineNormKernel: Kernel {
  private let norm: LineNorm
  /// By line: the mean, and one over the standard deviation.
  private let mean: Tensor
  private let inverse: Tensor
  /// Scale, bias and a gradient of theirs where they are smaller than what they broadcast to.
  private let whole: [Tensor]
  private let sums: (scale: LineSums, bias: LineSums)
  private let workspace: Workspace

  init(_ norm: LineNorm) throws(OperatorError) {
    self.norm = norm
    let lines = try Shape.of([norm.lines])
    workspace = try Workspace([lines, lines, norm.scale, norm.scale, norm.scale])
    (mean, inverse) = (workspace.tensors[0], workspace.tensors[1])
    whole = Array(workspace.tensors.dropFirst(2))
    sums = (LineSums(count: norm.scale.count), LineSums(count: norm.scale.count))
  }

  /// Scale or bias, repeated where it is smaller.
  private func repeated(_ tensor: Tensor?, _ index: Int) -> UnsafeMutablePointer<Float>? {
    guard let tensor, tensor.count != norm.scale.count else { return tensor?.base }
    broadcast(tensor, over: whole[index])
    return whole[index].base
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0), let scale = repeated(node.inputs.optional(1), 0) else {
      return
    }
    let bias = repeated(node.inputs.optional(2), 1)
    let y = node.outputs[0]
    for line in 0..<norm.lines {
      let (x, y) = (x.base + line * norm.length, y.base + line * norm.length)
      let (mean, inverse) = norm.measure(x)
      self.mean.base[line] = mean
      self.inverse.base[line] = inverse
      norm.forEachElement(line) { start, lanes, index in
        let normal = ((x + start).vector(lanes) - mean) * inverse
        let scaled = normal * norm.values(scale, lanes, index)
        (y + start).store(
          lanes, bias.map { scaled + norm.values($0, lanes, index) } ?? scaled)
      }
    }
    if node.outputs.count > 1 { node.outputs[1].copy(mean) }
    if node.outputs.count > 2 { node.outputs[2].copy(inverse) }
  }

  func backward(_ node: Backward) {
    guard let x = node.inputs.optional(0),
      let scale = repeated(node.inputs.optional(1), 0)
    else { return }
    let dx = node.inputGradients.optional(0)
    let (dscale, dbias) = (node.inputGradients.optional(1), node.inputGradients.optional(2))
    for line in 0..<norm.lines {
      let start = line * norm.length
      let (x, dy) = (x.base + start, node.outputGradients[0].base + start)
      if dscale != nil || dbias != nil {
        collect(line, x, dy, scale: dscale != nil, bias: dbias != nil)
      }
      if let dx { pull(line, x, dy, scale, into: dx.base + start, node) }
    }
    if let dscale { finish(dscale, sums.scale) }
    if let dbias { finish(dbias, sums.bias) }
  }

  /// Adds a line to the gradients of scale and bias.
  private func collect(
    _ line: Int, _ x: UnsafeMutablePointer<Float>, _ dy: UnsafeMutablePointer<Float>, scale: Bool,
    bias: Bool
  ) {
    let (mean, inverse) = (self.mean.base[line], self.inverse.base[line])
    let first = norm.scales(line)
    if norm.places == 1 {
      let (scales, biases) = (sums.scale.recent + first, sums.bias.recent + first)
      forEachVector(norm.length) { lanes in
        let dy = dy.vector(lanes)
        if scale {
          let normal = (x.vector(lanes) - mean) * inverse
          scales.store(lanes, scales.vector(lanes) + dy * normal)
        }
        if bias { biases.store(lanes, biases.vector(lanes) + dy) }
      }
      if scale { sums.scale.endLine() }
      if bias { sums.bias.endLine() }
      return
    }
    for index in 0..<norm.width {
      let (x, dy) = (x + index * norm.places, dy + index * norm.places)
      if scale {
        let sum = lineSum(norm.places) { dy.vector($0) * ((x.vector($0) - mean) * inverse) }
        sums.scale.add(sum, at: first + index)
      }
      if bias { sums.bias.add(lineSum(norm.places) { dy.vector($0) }, at: first + index) }
    }
  }

  /// With g = dy · scale: dx = (g − mean(g) − x̂ · mean(g · x̂)) / σ, the first mean only where the
  /// line's own was taken off. What reaches the statistics themselves comes on top.
  private func pull(
    _ line: Int, _ x: UnsafeMutablePointer<Float>, _ dy: UnsafeMutablePointer<Float>,
    _ scale: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ node: Backward
  ) {
    let (mean, inverse) = (self.mean.base[line], self.inverse.base[line])
    var sums = (Vector.zero, Vector.zero)
    norm.forEachElement(line) { start, lanes, index in
      let g = (dy + start).vector(lanes) * norm.values(scale, lanes, index)
      // Empty lanes of dy are zero, and so are their terms.
      sums.0 += g
      sums.1 += g * (((x + start).vector(lanes) - mean) * inverse)
    }
    let size = Float(max(1, norm.length))
    var shift = norm.centered ? sums.0.total / size : 0
    var turn = sums.1.total / size
    // d mean / dx = 1 / n, and d(1/σ) / dx = −x̂ / (n σ²).
    if node.outputGradients.count > 1 {
      shift -= node.outputGradients[1].base[line] / (size * inverse)
    }
    if node.outputGradients.count > 2 {
      turn += node.outputGradients[2].base[line] * inverse / size
    }
    norm.forEachElement(line) { start, lanes, index in
      let g = (dy + start).vector(lanes) * norm.values(scale, lanes, index)
      let normal = ((x + start).vector(lanes) - mean) * inverse
      (dx + start).store(lanes, (g - shift - normal * turn) * inverse)
    }
  }

  private func finish(_ gradient: Tensor, _ sums: LineSums) {
    guard gradient.count != norm.scale.count else { return sums.write(to: gradient) }
    sums.write(to: whole[2])
    reduceToShape(whole[2], into: gradient)
  }
}
