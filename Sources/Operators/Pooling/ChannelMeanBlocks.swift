import Tensors

/// Both directions of a mean over all spatial axes, on blocks of sixteen channels: a vector is one
/// place of sixteen channels.
struct ChannelMeanBlocks: Kernel {
  /// Samples times blocks of channels.
  private let blocks: Int
  private let places: Int

  /// - Parameter x: samples, channels and spatial axes.
  init(_ x: Shape) {
    blocks = x[0] * x[1] / TensorOrder.channels
    places = x.around(1).inner
  }

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    for block in 0..<blocks {
      let values = x.base + block * places * TensorOrder.channels
      var total = SIMD16<Double>.zero
      // Parts of 64 in float32: a longer sum loses digits.
      for start in stride(from: 0, to: places, by: 64) {
        var sum = Vector.zero
        for place in start..<min(places, start + 64) {
          sum += (values + place * TensorOrder.channels).vector
        }
        total += SIMD16<Double>(sum)
      }
      (node.outputs[0].base + block * TensorOrder.channels).store(Vector(total / Double(places)))
    }
  }

  func backward(_ node: Backward) {
    node.inputGradients.optional(1)?.fill(0)
    guard let dx = node.inputGradients.optional(0) else { return }
    for block in 0..<blocks {
      let slope = (node.outputGradients[0].base + block * TensorOrder.channels).vector
      let share = slope / Float(places)
      let slopes = dx.base + block * places * TensorOrder.channels
      for place in 0..<places { (slopes + place * TensorOrder.channels).store(share) }
    }
  }
}
