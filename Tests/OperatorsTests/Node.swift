import Tensors
import Testing

@testable import Operators

/// A sample of an operator: what every test of the suite runs over.
struct Case: Sendable, CustomTestStringConvertible {
  let type: any Operator.Type
  let index: Int

  static let all = OperatorRegistry.all.flatMap { type in
    type.info.samples.indices.map { Case(type: type, index: $0) }
  }

  var sample: GradientSample { type.info.samples[index] }
  var testDescription: String { "\(type.info.name) \(sample.shapes) \(sample.attributes)" }

  func make() throws -> any Operator {
    try OperatorRegistry.make(
      type.info.name, sample.attributes, inputs: sample.shapes.count, outputs: 1)
  }

  /// Values for every input, the given ones as they are.
  func inputs() -> [[Float]?] {
    var numbers = Numbers(index + 1)
    return sample.shapes.enumerated().map { i, dims in
      guard let dims else { return nil }
      if let constant = sample.constants[i] { return constant.map(Float.init) }
      return numbers.draw(dims.reduce(1, *), from: sample.range, kinks: sample.kinks)
    }
  }

  /// Inputs that may have a gradient.
  var differentiable: [Int] {
    sample.shapes.indices.filter { sample.shapes[$0] != nil && sample.constants[$0] == nil }
  }

  /// A node of this sample; `dims` and `values` stand in for the sample's own.
  func node(
    _ values: [[Float]?]? = nil, dims: [[Int]?]? = nil, batched: Set<Int> = [0]
  ) throws -> Node {
    try Node(
      make(), dims ?? sample.shapes, values ?? inputs(), sample.constants, batched: batched)
  }
}

/// A node with its tensors, run once forward.
struct Node {
  let op: any Operator
  let operands: [Operand?]
  private(set) var inputs: [Tensor?] = []
  private(set) var outputs: [Tensor] = []
  private let kernel: any Kernel
  private let memory = Memory()

  init(
    _ op: any Operator, _ dims: [[Int]?], _ values: [[Float]?], _ constants: [Int: [Double]] = [:],
    batched: Set<Int> = [0]
  ) throws {
    self.op = op
    operands = try dims.enumerated().map { i, dims in
      try dims.map { Operand(try Shape($0), batched: batched.contains(i), constant: constants[i]) }
    }
    let shapes = try op.outputShapes(operands)
    kernel = try op.makeKernel(operands, shapes)
    for (dims, values) in zip(dims, values) {
      if let dims, let values {
        inputs.append(try memory.tensor(dims, values))
      } else {
        inputs.append(nil)
      }
    }
    // Whatever forward leaves unwritten is NaN.
    for shape in shapes { outputs.append(try memory.tensor(shape.dims, filled: .nan)) }
    try kernel.forward(Forward(inputs: inputs, outputs: outputs))
  }

  /// The values of the output.
  var values: [Float] { withExtendedLifetime(memory) { outputs[0].values } }

  var keepsSamples: Bool { op.keepsSamples(operands, outputs.map(\.shape)) }

  /// The values of the output when it is written over an input, which is as it was afterwards.
  func values(over slot: Int) throws -> [Float] {
    guard let input = inputs[slot] else { return [] }
    let kept = input.values
    let output = input.reshaped(outputs[0].shape)
    return try withExtendedLifetime(memory) {
      try kernel.forward(Forward(inputs: inputs, outputs: [output] + outputs.dropFirst()))
      let found = output.values
      for (i, value) in kept.enumerated() { input.base[i] = value }
      return found
    }
  }

  /// Runs backward into buffers that hold `start`, and gives the gradients asked for. That of the
  /// heir takes the memory of the slopes.
  func gradients(
    _ asked: [Int], _ slopes: [Float], start: Float = .nan, beta: Float = 0,
    spoilsInputs: Bool = false, spoilsOutputs: Bool = false, heir: Int? = nil
  ) throws -> [[Float]?] {
    let output = try memory.tensor(outputs[0].shape.dims, slopes)
    var targets: [Tensor?] = []
    for (i, input) in inputs.enumerated() {
      if let input, i == heir {
        targets.append(output.reshaped(input.shape))
      } else if let input, asked.contains(i) {
        targets.append(try memory.tensor(input.shape.dims, filled: start))
      } else {
        targets.append(nil)
      }
    }
    return try withExtendedLifetime(memory) {
      // A kernel walks back once after each forward step.
      try kernel.forward(Forward(inputs: inputs, outputs: outputs))
      let kept = inputs.map { $0?.values ?? [] }
      if spoilsInputs { for input in inputs { input?.fill(.nan) } }
      if spoilsOutputs { for output in outputs { output.fill(.nan) } }
      try kernel.backward(
        Backward(
          inputs: inputs, outputs: outputs, outputGradients: [output], inputGradients: targets,
          betas: inputs.map { _ in beta }))
      for (input, values) in zip(inputs, kept) {
        for (i, value) in values.enumerated() { input?.base[i] = value }
      }
      return targets.map { $0?.values }
    }
  }
}
