import Tensors

@testable import Operators

/// A node of which every output is looked at, for operators that have several.
struct WholeNode {
  let operands: [Operand?]
  let outputs: [Tensor]
  private let inputs: [Tensor?]
  private let kernel: any Kernel
  private let memory = Memory()

  init(
    _ name: String, _ attributes: [String: AttributeValue] = [:], _ dims: [[Int]?],
    _ values: [[Float]?], constants: Set<Int> = [], batched: Set<Int> = [], outputs count: Int
  ) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: count)
    operands = try dims.enumerated().map { i, dims in
      try dims.map {
        Operand(
          try Shape($0), batched: batched.contains(i),
          constant: constants.contains(i) ? values[i]?.map(Double.init) : nil)
      }
    }
    let shapes = Array(try op.outputShapes(operands).prefix(count))
    kernel = try op.makeKernel(operands, shapes)
    var tensors: [Tensor?] = []
    for (dims, values) in Swift.zip(dims, values) {
      if let dims, let values {
        tensors.append(try memory.tensor(dims, values))
      } else {
        tensors.append(nil)
      }
    }
    inputs = tensors
    var results: [Tensor] = []
    for shape in shapes { results.append(try memory.tensor(shape.dims, filled: .nan)) }
    outputs = results
    try kernel.forward(Forward(inputs: inputs, outputs: outputs))
  }

  /// The values of every output.
  var values: [[Float]] { withExtendedLifetime(memory) { outputs.map(\.values) } }

  /// The gradients of all inputs for slopes of every output.
  func gradients(_ slopes: [[Float]]) throws -> [[Float]?] {
    var gradients: [Tensor] = []
    for (output, slopes) in Swift.zip(outputs, slopes) {
      gradients.append(try memory.tensor(output.shape.dims, slopes))
    }
    var targets: [Tensor?] = []
    for input in inputs {
      if let input {
        targets.append(try memory.tensor(input.shape.dims, filled: .nan))
      } else {
        targets.append(nil)
      }
    }
    return try withExtendedLifetime(memory) {
      try kernel.backward(
        Backward(
          inputs: inputs, outputs: outputs, outputGradients: gradients, inputGradients: targets,
          betas: inputs.map { _ in 0 }))
      return targets.map { $0?.values }
    }
  }
}
