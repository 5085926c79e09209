import Tensors
import Testing

@testable import Operators

/// Kernels on blocks of channels against the same kernels on rows.
@Suite struct BlockOrderTests {
  /// A node whose tensors may lie in blocks: its first output always, and the inputs of its rule.
  struct Example: CustomTestStringConvertible {
    let op: String
    let dims: [[Int]]
    var attributes: [String: AttributeValue] = [:]
    var outputs = 1
    /// Whole numbers, so that there are ties, and a NaN.
    var ties = false
    var alike = [0]
    var testDescription: String { "\(op) \(dims) \(attributes)" }
  }

  private static let pools: [[String: AttributeValue]] = [
    ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])],
    ["kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 1, 1])],
    ["kernel_shape": .ints([2, 3]), "dilations": .ints([3, 2])],
    ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "ceil_mode": .int(1)],
  ]

  private static let image = [2, 32, 7, 8]

  static let examples: [Example] =
    pools.map { Example(op: "MaxPool", dims: [image], attributes: $0, ties: true) }
    + pools.map { Example(op: "AveragePool", dims: [image], attributes: $0) }
    + [
      Example(
        op: "AveragePool", dims: [[3, 16, 9]],
        attributes: [
          "kernel_shape": .ints([3]), "pads": .ints([1, 1]), "count_include_pad": .int(1),
        ]),
      Example(op: "BatchNormalization", dims: [image, [32], [32], [32], [32]]),
      Example(
        op: "BatchNormalization", dims: [image, [32], [32], [32], [32]],
        attributes: ["training_mode": .int(1)], outputs: 3),
      Example(
        op: "BatchNormalization", dims: [[2, 16, 70], [16], [16], [16], [16]],
        attributes: ["training_mode": .int(1)], outputs: 3),
      Example(op: "Add", dims: [image, image], alike: [0, 1]),
      Example(op: "Sub", dims: [[2, 1, 7, 8], image], alike: [1]),
      Example(op: "Mul", dims: [image, [2, 32, 1, 1]]),
      Example(op: "Mul", dims: [image, []]),
      Example(op: "Sum", dims: [image, image, image], alike: [0, 1, 2]),
      Example(
        op: "Concat", dims: [image, [2, 16, 7, 8]], attributes: ["axis": .int(1)], alike: [0, 1]),
      Example(
        op: "Concat", dims: [image, [2, 32, 7, 3]], attributes: ["axis": .int(-1)], alike: [0, 1]),
      Example(op: "Identity", dims: [image]),
      Example(op: "Relu", dims: [image]),
    ]

  /// Operators that take blocks, and whose output is the same in either order.
  static let ends: [Example] = [
    Example(op: "GlobalAveragePool", dims: [image]),
    Example(op: "GlobalAveragePool", dims: [[2, 16, 5, 6, 7]]),
    Example(op: "ReduceMean", dims: [image], attributes: ["axes": .ints([-1, 2])]),
    Example(
      op: "ReduceMean", dims: [image], attributes: ["axes": .ints([2, 3]), "keepdims": .int(0)]),
  ]

  @Test(arguments: examples)
  func `blocks are as rows`(example: Example) throws {
    let found = try run(example, from: .channelBlocks, to: .channelBlocks)
    #expect(found.rule == .alike(example.alike))
    try expect(found, like: try run(example, from: .rows, to: .rows))
  }

  @Test(arguments: ends)
  func `a mean of each channel takes blocks`(example: Example) throws {
    let found = try run(example, from: .channelBlocks, to: .rows)
    #expect(found.rule == .any)
    try expect(found, like: try run(example, from: .rows, to: .rows))
  }

  @Test func `an operand that would have to be copied keeps all in rows`() throws {
    for (op, other) in [("Add", [1, 32, 7, 8]), ("Mul", [32, 7, 1]), ("PRelu", [32, 1, 1])] {
      let operands: [Operand?] = [
        Operand(try Shape(Self.image)), Operand(try Shape(other), batched: false),
      ]
      let op = try OperatorRegistry.make(op, [:], inputs: 2, outputs: 1)
      #expect(op.orderRule(operands, try op.outputShapes(operands)) == .rows)
    }
    let x: [Operand?] = [Operand(try Shape(Self.image))]
    let mean = try OperatorRegistry.make("ReduceMean", ["axes": .ints([3])], inputs: 1, outputs: 1)
    #expect(mean.orderRule(x, try mean.outputShapes(x)) == .rows)
  }

  private struct Result {
    let rule: OrderRule
    /// Outputs and gradients of inputs, in rows.
    let tensors: [[Float]]
  }

  private func expect(_ found: Result, like expected: Result) throws {
    #expect(found.tensors.count == expected.tensors.count)
    for (a, b) in zip(found.tensors, expected.tensors) {
      #expect(a.count == b.count)
      #expect(
        zip(a, b).allSatisfy { abs($0 - $1) <= 2e-5 * max(1, abs($1)) || $0.isNaN && $1.isNaN })
    }
  }

  private func run(
    _ example: Example, from source: TensorOrder, to destination: TensorOrder
  ) throws -> Result {
    let op = try OperatorRegistry.make(
      example.op, example.attributes, inputs: example.dims.count, outputs: example.outputs)
    let operands: [Operand?] = try example.dims.map {
      Operand(try Shape($0), batched: $0.first == Self.image[0])
    }
    let shapes = Array(try op.outputShapes(operands).prefix(example.outputs))
    let rule = op.orderRule(operands, shapes)
    let memory = Memory()
    var numbers = Numbers(5)
    func place(_ dims: [Int], _ values: [Float], _ blocks: Bool) throws -> Tensor {
      try memory.tensor(dims, blocks ? Self.places(dims).map { values[$0] } : values)
    }
    func read(_ tensor: Tensor, _ blocks: Bool) -> [Float] {
      guard blocks else { return Array(tensor.buffer) }
      var rows = [Float](repeating: .nan, count: tensor.count)
      for (place, element) in Self.places(tensor.shape.dims).enumerated() {
        rows[element] = tensor.base[place]
      }
      return rows
    }
    func inBlocks(_ slot: Int) -> Bool { source == .channelBlocks && rule.inputs.contains(slot) }
    var inputs: [Tensor?] = []
    var gradients: [Tensor?] = []
    for (slot, dims) in example.dims.enumerated() {
      let count = dims.reduce(1, *)
      var values = numbers.draw(count, from: 0.25...2)
      if example.ties {
        values = (0..<count).map { _ in Float(Int.random(in: 0...5, using: &numbers)) }
        values[40] = .nan
      }
      inputs.append(try place(dims, values, inBlocks(slot)))
      gradients.append(try memory.tensor(dims, filled: 0))
    }
    let outBlocks = destination == .channelBlocks
    var outputs: [Tensor] = []
    var slopes: [Tensor] = []
    for (index, shape) in shapes.enumerated() {
      outputs.append(try memory.tensor(shape.dims, filled: .nan))
      slopes.append(
        try place(shape.dims, numbers.draw(shape.count, from: -1...1), outBlocks && index == 0))
    }
    let kernel = try op.makeKernel(operands, shapes, from: source, to: destination)
    try kernel.forward(Forward(inputs: inputs, outputs: outputs))
    try kernel.backward(
      Backward(
        inputs: inputs, outputs: outputs, outputGradients: slopes, inputGradients: gradients,
        betas: inputs.map { _ in 0 }))
    return Result(
      rule: rule,
      tensors: outputs.enumerated().map { read($1, outBlocks && $0 == 0) }
        + gradients.enumerated().map { slot, gradient in
          gradient.map { read($0, inBlocks(slot)) } ?? []
        })
  }

  /// The element of rows (n, c, p…) that lies at each place of the blocks.
  private static func places(_ dims: [Int]) -> [Int] {
    let (channels, inner) = (dims[1], dims[2...].reduce(1, *))
    let block = TensorOrder.channels
    return (0..<dims.reduce(1, *)).map { place in
      let lane = place % block
      let position = place / block % inner
      let blocks = place / block / inner
      let (sample, first) = (blocks / (channels / block), blocks % (channels / block) * block)
      return (sample * channels + first + lane) * inner + position
    }
  }
}
