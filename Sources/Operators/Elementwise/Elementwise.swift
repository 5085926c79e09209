import Tensors

/// An operator with one input that treats every element alike: a file gives the value and the slope.
protocol Elementwise: Operator, Kernel {
  /// The function.
  func value(_ x: Vector) -> Vector
  /// Its derivative, from the input and the output.
  func slope(_ x: Vector, _ y: Vector) -> Vector
}

extension Elementwise {
  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try inputs.required(0).shape]
  }

  /// One element does not know where the next one lies.
  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule { .alike }

  @inline(__always)
  func forward(_ node: Forward) {
    guard let x = node.inputs[0] else { return }
    map(x, into: node.outputs[0]) { value($0) }
  }

  @inline(__always)
  func backward(_ node: Backward) {
    guard let x = node.inputs[0], let dx = node.inputGradients[0] else { return }
    let y = node.outputs[0]
    let dy = node.outputGradients[0]
    forEachVector(dx.count) {
      dx.base.store($0, dy.base.vector($0) * slope(x.base.vector($0), y.base.vector($0)))
    }
  }
}
