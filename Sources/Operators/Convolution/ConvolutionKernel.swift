import Tensors

/// Both directions of Conv and ConvTranspose. Outputs that no element of the input reaches are the
/// bias alone; the rest is oneDNN's.
final class ConvolutionKernel: Kernel {
  /// Nil where there is nothing to compute.
  private let convolution: Convolution?
  /// Whether oneDNN writes every output.
  private let covers: Bool
  /// The shape under which the bias is repeated over the output.
  private let biasShape: Shape

  init(
    _ whole: ConvolutionShape, from source: TensorOrder = .rows,
    to destination: TensorOrder = .rows
  ) throws(OperatorError) {
    var shape = whole
    shape.limit()
    biasShape = try Shape.of(
      [whole.destinationChannels] + Array(repeating: 1, count: whole.source.count))
    covers = shape.destination == whole.destination
    let lengths =
      [shape.samples, shape.sourceChannels, shape.destinationChannels] + shape.source
      + shape.destination
    guard lengths.allSatisfy({ $0 > 0 }) else {
      convolution = nil
      return
    }
    do throws(TensorError) {
      convolution = try Convolution(shape, orders: (source, destination))
    } catch { throw .tensor(error) }
  }

  func forward(_ node: Forward) throws(OperatorError) {
    guard let x = node.inputs.optional(0), let w = node.inputs.optional(1) else { return }
    let (b, y) = (node.inputs.optional(2), node.outputs[0])
    if convolution == nil || !covers {
      if let b { broadcast(b.reshaped(biasShape), over: y) } else { y.fill(0) }
    }
    do throws(TensorError) {
      try convolution?.forward(source: x, weights: w, bias: b, destination: y)
    } catch { throw .tensor(error) }
  }

  func backward(_ node: Backward) throws(OperatorError) {
    guard let x = node.inputs.optional(0), let w = node.inputs.optional(1) else { return }
    let dy = node.outputGradients[0]
    let (dx, dw) = (node.inputGradients.optional(0), node.inputGradients.optional(1))
    var db = node.inputGradients.optional(2)
    if let whole = db, convolution == nil || !covers {
      reduceToShape(dy, into: whole.reshaped(biasShape))
      db = nil
    }
    guard let convolution else {
      dx?.fill(0)
      dw?.fill(0)
      return
    }
    do throws(TensorError) {
      try convolution.backward(
        source: x, weights: w, slopes: dy, sourceGradient: dx, weightsGradient: dw,
        biasGradient: db)
    } catch { throw .tensor(error) }
  }
}

extension ConvolutionShape {
  /// Cuts the output back to what the window reaches where oneDNN could not see past it, and brings
  /// numbers that change nothing within its bounds.
  mutating func limit() {
    for axis in strides.indices {
      if window[axis] == 1 { dilations[axis] = 1 }
      let range = (window[axis] - 1) * dilations[axis] + 1
      let (wide, narrow) =
        transposed ? (destination[axis], source[axis]) : (source[axis], destination[axis])
      // oneDNN takes an axis whose last elements no window reads, but fewer than a stride of them.
      let reached = (narrow - 1) * strides[axis] + range - before[axis]
      if transposed && narrow > 0 && wide - reached >= strides[axis] {
        destination[axis] = max(0, reached)
      }
      if narrow == 1 { strides[axis] = min(strides[axis], max(1, wide + before[axis])) }
    }
  }
}
