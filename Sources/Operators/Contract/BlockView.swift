import Tensors

/// A kernel whose operands lie in blocks of channels, as one that works on the row-major shape of
/// their memory: blocks are an axis of their own, and so are the channels of a block.
struct BlockView: Kernel {
  private let kernel: any Kernel
  private let inputs: [Shape?]
  private let outputs: [Shape]

  /// - Parameter make: a kernel for operands of the shapes that their memory has.
  init(
    _ inputs: [Operand?], _ outputs: [Shape],
    _ make: ([Operand?], [Shape]) throws(OperatorError) -> any Kernel
  ) throws(OperatorError) {
    let rank = outputs.first?.rank ?? 0
    var operands: [Operand?] = []
    for input in inputs {
      guard let input else {
        operands.append(nil)
        continue
      }
      operands.append(Operand(try Self.memory(input.shape, rank), batched: input.batched))
    }
    var shapes: [Shape] = []
    for output in outputs { shapes.append(try Self.memory(output, rank)) }
    (self.inputs, self.outputs) = (operands.map { $0?.shape }, shapes)
    kernel = try make(operands, shapes)
  }

  func forward(_ node: Forward) throws(OperatorError) {
    try kernel.forward(
      Forward(inputs: Self.view(node.inputs, inputs), outputs: Self.view(node.outputs, outputs)))
  }

  func backward(_ node: Backward) throws(OperatorError) {
    try kernel.backward(
      Backward(
        inputs: Self.view(node.inputs, inputs), outputs: Self.view(node.outputs, outputs),
        outputGradients: Self.view(node.outputGradients, outputs),
        inputGradients: Self.view(node.inputGradients, inputs), betas: node.betas))
  }

  private static func memory(_ shape: Shape, _ rank: Int) throws(OperatorError) -> Shape {
    let ones = [Int](repeating: 1, count: max(0, rank - shape.rank))
    do throws(TensorError) { return try TensorOrder.blocked(try Shape(ones + shape.dims)) } catch {
      throw .tensor(error)
    }
  }

  private static func view(_ tensors: [Tensor?], _ shapes: [Shape?]) -> [Tensor?] {
    zip(tensors, shapes).map { tensor, shape in shape.flatMap { tensor?.reshaped($0) } }
  }

  private static func view(_ tensors: [Tensor], _ shapes: [Shape]) -> [Tensor] {
    zip(tensors, shapes).map { $0.reshaped($1) }
  }
}

/// The rule of operands that broadcast: those of the result's shape lie as it does. The others lie
/// the same way in either order, or all must lie in rows; so they must where the gradient of a
/// parameter is summed over a batch, which takes more digits there.
func broadcastRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule {
  guard let result = outputs.first, result.rank > 2 else { return .rows }
  var alike: [Int] = []
  for (index, input) in inputs.enumerated() {
    guard let shape = input?.shape else { continue }
    if shape == result {
      alike.append(index)
      continue
    }
    let dims = [Int](repeating: 1, count: max(0, result.rank - shape.rank)) + shape.dims
    let isChannel = dims[1] == result[1] && dims[2...].allSatisfy { $0 == 1 }
    guard dims[1] == 1 || isChannel, input?.batched == true || shape.count == 1 else {
      return .rows
    }
  }
  return alike.isEmpty ? .rows : .alike(alike)
}
