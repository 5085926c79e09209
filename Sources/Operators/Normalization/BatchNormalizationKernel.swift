import Tensors

/// Both directions of a BatchNormalization. Backward uses the statistics of the last forward step.
struct BatchNormalizationKernel: Kernel {
  let settings: BatchNormalization
  let view: ChannelView
  /// The mean of every channel, and one over its standard deviation.
  let workspace: Workspace

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0), let scale = node.inputs.optional(1),
      let bias = node.inputs.optional(2)
    else { return }
    let (mean, inverse) = (workspace.tensors[0].base, workspace.tensors[1].base)
    if settings.training { measure(x, node) } else { adopt(node) }
    let y = node.outputs[0].base
    view.forEachBlock { block in
      let mean = view.lanes(mean, block)
      let factor = view.lanes(scale.base, block) * view.lanes(inverse, block)
      let bias = view.lanes(bias.base, block)
      view.forEachElement(block) { row, lanes in
        (y + row).store(lanes, ((x.base + row).vector(lanes) - mean) * factor + bias)
      }
    }
  }

  /// Takes the running statistics.
  private func adopt(_ node: Forward) {
    guard let mean = node.inputs.optional(3), let variance = node.inputs.optional(4) else { return }
    workspace.tensors[0].copy(mean)
    for channel in 0..<view.channels {
      let spread = Double(variance.base[channel]) + settings.epsilon
      workspace.tensors[1].base[channel] = Float(1 / spread.squareRoot())
    }
  }

  /// Takes the statistics of the batch in two passes, and brings the running ones up to date.
  private func measure(_ x: Tensor, _ node: Forward) {
    let (mean, inverse) = (workspace.tensors[0].base, workspace.tensors[1].base)
    let size = Double(max(1, view.size))
    view.forEachBlock { block in
      let sums = view.sums(block) { row, lanes in ((x.base + row).vector(lanes), .zero) }.0
      for lane in 0..<block.count { mean[block.first + lane] = Float(sums[lane] / size) }
      let center = view.lanes(mean, block)
      let (squares, rests) = view.sums(block) { row, lanes in
        let distance = (x.base + row).vector(lanes) - center
        return (distance * distance, distance)
      }
      for lane in 0..<block.count {
        // What the rounding of the mean has added to the squares.
        let rest = rests[lane] / size
        let variance = squares[lane] / size - rest * rest
        let channel = block.first + lane
        inverse[channel] = Float(1 / (variance + settings.epsilon).squareRoot())
        update(node, channel, mean: Double(mean[channel]) + rest, variance: variance)
      }
    }
  }

  private func update(_ node: Forward, _ channel: Int, mean: Double, variance: Double) {
    for (index, new) in [(1, mean), (2, variance)] where index < node.outputs.count {
      guard let old = node.inputs.optional(index + 2)?.base[channel] else { continue }
      // A batch of nothing leaves the running statistics as they are.
      let share = view.size == 0 ? 1 : settings.momentum
      node.outputs[index].base[channel] = Float(Double(old) * share + new * (1 - share))
    }
  }

  func backward(_ node: Backward) {
    for statistic in node.inputGradients.dropFirst(3) { statistic?.fill(0) }
    guard let x = node.inputs.optional(0), let scale = node.inputs.optional(1) else { return }
    let (mean, inverse) = (workspace.tensors[0].base, workspace.tensors[1].base)
    let dy = node.outputGradients[0].base
    let wanted = (0..<3).map { node.inputGradients.optional($0)?.base }
    let needsSums = wanted[1] != nil || wanted[2] != nil || settings.training
    view.forEachBlock { block in
      let center = view.lanes(mean, block)
      let factor = view.lanes(inverse, block)
      var slopes = (SIMD16<Double>.zero, SIMD16<Double>.zero)
      if needsSums {
        slopes = view.sums(block) { row, lanes in
          let dy = (dy + row).vector(lanes)
          return (dy, dy * (((x.base + row).vector(lanes) - center) * factor))
        }
      }
      for lane in 0..<block.count {
        wanted[1]?[block.first + lane] = Float(slopes.1[lane])
        wanted[2]?[block.first + lane] = Float(slopes.0[lane])
      }
      guard let dx = wanted[0] else { return }
      let outer = view.lanes(scale.base, block) * factor
      guard settings.training else {
        view.forEachElement(block) { row, lanes in
          (dx + row).store(lanes, (dy + row).vector(lanes) * outer)
        }
        return
      }
      // dx = scale / σ · (dy − mean(dy) − x̂ · mean(dy · x̂))
      let size = Double(max(1, view.size))
      let shift = lanes(slopes.0 / size)
      let turn = lanes(slopes.1 / size) * factor
      view.forEachElement(block) { row, lanes in
        let distance = (x.base + row).vector(lanes) - center
        (dx + row).store(lanes, outer * ((dy + row).vector(lanes) - shift - distance * turn))
      }
    }
  }

  /// The sums of a block in the lanes that meet its elements.
  @inline(__always) private func lanes(_ sums: SIMD16<Double>) -> Vector {
    view.isWide ? Vector(sums) : Vector(repeating: Float(sums[0]))
  }
}
