import Tensors
import Testing

@testable import Operators

@Suite struct ConvolutionTests {
  static let convolutions = [
    PlainConvolution(x: [2, 3, 7], w: [4, 3, 3], output: [5]),
    PlainConvolution(
      x: [2, 17, 5, 4], w: [3, 17, 3, 3], output: [5, 4], pads: [1, 1, 1, 1],
      attributes: ["pads": .ints([1, 1, 1, 1])]),
    // Unequal padding, strides that leave elements over, holes in the window.
    PlainConvolution(
      groups: 2, x: [3, 4, 9, 11], w: [6, 2, 3, 2], output: [4, 10], strides: [2, 1],
      dilations: [1, 3], pads: [0, 2, 1, 0],
      attributes: [
        "group": .int(2), "strides": .ints([2, 1]), "dilations": .ints([1, 3]),
        "pads": .ints([0, 2, 1, 0]),
      ]),
    // Depthwise, with two outputs a channel.
    PlainConvolution(
      groups: 5, x: [2, 5, 6, 6], w: [10, 1, 3, 3], output: [4, 4],
      attributes: ["group": .int(5)]),
    PlainConvolution(x: [2, 20, 3, 4], w: [18, 20, 1, 1], output: [3, 4], bias: false),
    PlainConvolution(
      x: [2, 3, 4, 3, 5], w: [4, 3, 2, 3, 2], output: [3, 3, 2], strides: [1, 1, 2],
      pads: [0, 1, 0, 0, 1, 0],
      attributes: ["strides": .ints([1, 1, 2]), "pads": .ints([0, 1, 0, 0, 1, 0])]),
    // ⌈8 / 3⌉ = 3 outputs want (3 − 1) · 3 + 4 − 8 = 2 elements more, ⌈7 / 3⌉ want 3.
    PlainConvolution(
      x: [2, 2, 8, 7], w: [3, 2, 4, 4], output: [3, 3], strides: [3, 3], pads: [1, 1],
      attributes: ["auto_pad": .string("SAME_UPPER"), "strides": .ints([3, 3])]),
    PlainConvolution(
      x: [2, 2, 8, 7], w: [3, 2, 4, 4], output: [3, 3], strides: [3, 3], pads: [1, 2],
      attributes: ["auto_pad": .string("SAME_LOWER"), "strides": .ints([3, 3])]),
    PlainConvolution(
      x: [2, 2, 8], w: [3, 2, 4], output: [2], strides: [3],
      attributes: ["auto_pad": .string("VALID"), "strides": .ints([3]), "pads": .ints([1, 1])]),
    // More padding than the window is long, and a stride past the end.
    PlainConvolution(
      x: [2, 2, 3], w: [2, 2, 2], output: [12], pads: [5], attributes: ["pads": .ints([5, 5])]),
    PlainConvolution(
      x: [2, 2, 3], w: [2, 2, 2], output: [1], strides: [1 << 20],
      attributes: ["strides": .ints([1 << 20])]),
  ]

  static let transposed = [
    PlainConvolution(transposed: true, x: [2, 3, 4], w: [3, 2, 3], output: [6]),
    PlainConvolution(
      transposed: true, x: [2, 17, 3, 2], w: [17, 5, 4, 4], output: [6, 4], strides: [2, 2],
      pads: [1, 1], attributes: ["strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])]),
    PlainConvolution(
      transposed: true, groups: 2, x: [2, 4, 3, 5], w: [4, 3, 2, 3], output: [8, 9],
      strides: [3, 2], dilations: [2, 1], pads: [1, 2],
      attributes: [
        "group": .int(2), "strides": .ints([3, 2]), "dilations": .ints([2, 1]),
        "pads": .ints([1, 2, 1, 1]), "output_padding": .ints([1, 1]),
      ]),
    PlainConvolution(
      transposed: true, x: [2, 2, 2, 3, 2], w: [2, 3, 2, 2, 2], output: [3, 4, 4],
      strides: [1, 1, 2], bias: false, attributes: ["strides": .ints([1, 1, 2])]),
    // Of 2 · 5 + … = 11 elements 10 are wanted: the odd one goes at the end, or in front.
    PlainConvolution(
      transposed: true, x: [2, 2, 5], w: [2, 2, 3], output: [10], strides: [2],
      attributes: ["auto_pad": .string("SAME_UPPER"), "strides": .ints([2])]),
    PlainConvolution(
      transposed: true, x: [2, 2, 5], w: [2, 2, 3], output: [10], strides: [2], pads: [1],
      attributes: ["auto_pad": .string("SAME_LOWER"), "strides": .ints([2])]),
    // More outputs than the input reaches, by less and by more than a stride.
    PlainConvolution(
      transposed: true, x: [2, 2, 3, 3], w: [2, 2, 3, 3], output: [10, 8], strides: [3, 2],
      attributes: ["strides": .ints([3, 2]), "output_shape": .ints([10, 8])]),
    PlainConvolution(
      transposed: true, x: [2, 2, 3], w: [2, 2, 2], output: [9],
      attributes: ["output_shape": .ints([2, 2, 9])]),
    PlainConvolution(
      transposed: true, x: [2, 2, 3], w: [2, 2, 1], output: [1], pads: [4],
      attributes: ["pads": .ints([4, 4]), "output_padding": .ints([6])]),
  ]

  private func node(
    _ example: PlainConvolution, _ values: [[Float]?], samples: Int? = nil
  ) throws -> Node {
    let count = example.bias ? 3 : 2
    let x = [samples ?? example.x[0]] + example.x.dropFirst()
    return try Node(
      OperatorRegistry.make(example.name, example.attributes, inputs: count, outputs: 1),
      [x, example.w, example.bias ? [example.outputChannels] : nil], values)
  }

  @Test(arguments: convolutions + transposed)
  func `equals its definition`(example: PlainConvolution) throws {
    var numbers = Numbers(3)
    let counts = [example.x, example.w].map { $0.reduce(1, *) }
    let values: [[Float]?] = [
      numbers.draw(counts[0], from: -1...1), numbers.draw(counts[1], from: -1...1),
      example.bias ? numbers.draw(example.outputChannels, from: -1...1) : nil,
    ]
    let slopes = numbers.draw(example.y.reduce(1, *), from: -1...1)
    let node = try node(example, values)
    let expected = example.evaluate(values, slopes)
    #expect(node.outputs[0].shape.dims == example.y)
    #expect(distance(node.values, expected.y) < 2e-6)
    let asked = example.bias ? [0, 1, 2] : [0, 1]
    // Whatever was asked for before, and in whichever order.
    for inputs in [asked, [0], [1], asked.suffix(1), asked] {
      let found = try node.gradients(Array(inputs), slopes)
      for input in inputs {
        #expect(
          distance(try #require(found[input]), expected.gradients[input]) < 2e-6, "\(input)")
      }
    }
  }

  /// ⟨conv(x), z⟩ = ⟨x, convTranspose(z)⟩, far larger than the definition would be patient with.
  @Test func `a transposed convolution is the adjoint of a convolution`() throws {
    var numbers = Numbers(8)
    let x = numbers.draw(2 * 24 * 14 * 14, from: -1...1)
    let w = numbers.draw(40 * 24 * 9, from: -1...1)
    let z = numbers.draw(2 * 40 * 7 * 7, from: -1...1)
    let attributes: [String: AttributeValue] = [
      "strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1]),
    ]
    let forward = try Node(
      OperatorRegistry.make("Conv", attributes, inputs: 2, outputs: 1),
      [[2, 24, 14, 14], [40, 24, 3, 3]], [x, w])
    let backward = try Node(
      OperatorRegistry.make(
        "ConvTranspose", attributes.merging(["output_padding": .ints([1, 1])]) { $1 }, inputs: 2,
        outputs: 1), [[2, 40, 7, 7], [40, 24, 3, 3]], [z, w])
    func product(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (left, right) = (product(forward.values, z), product(x, backward.values))
    #expect(abs(left - right) < 1e-6 * product(forward.values, forward.values))
    #expect(distance(try #require(forward.gradients([0], z)[0]), backward.values) < 2e-6)
  }

  @Test func `a new batch is read anew`() throws {
    let example = Self.convolutions[1]
    var numbers = Numbers(21)
    let batches = (0..<2).map { _ in
      numbers.draw(example.x.reduce(1, *), from: -1...1)
    }
    let w = numbers.draw(example.w.reduce(1, *), from: -1...1)
    let b = numbers.draw(example.outputChannels, from: -1...1)
    let slopes = numbers.draw(example.y.reduce(1, *), from: -1...1)
    let memory = Memory()
    let (x, y) = (
      try memory.tensor(example.x, batches[0]), try memory.tensor(example.y, filled: .nan)
    )
    let inputs = [
      x, try memory.tensor(example.w, w), try memory.tensor([example.outputChannels], b),
    ]
    let op = try OperatorRegistry.make("Conv", example.attributes, inputs: 3, outputs: 1)
    let kernel = try op.makeKernel(inputs.map { Operand($0.shape) }, [y.shape])
    let dw = try memory.tensor(example.w, filled: .nan)
    for batch in batches {
      for (i, value) in batch.enumerated() { x.base[i] = value }
      try kernel.forward(Forward(inputs: inputs, outputs: [y]))
      try kernel.backward(
        Backward(
          inputs: inputs, outputs: [y],
          outputGradients: [try memory.tensor(example.y, slopes)],
          inputGradients: [nil, dw, nil], betas: [0, 0, 0]))
      let expected = example.evaluate([batch, w, b], slopes)
      #expect(distance(y.values, expected.y) < 2e-6)
      #expect(distance(dw.values, expected.gradients[1]) < 2e-6)
    }
  }

  @Test func `units lie along the channels`() throws {
    let conv = try OperatorRegistry.make("Conv", [:], inputs: 3, outputs: 1)
    #expect(
      conv.roles([nil, nil, nil])
        == [nil, ParameterRole(.kernel, unitAxis: 0), ParameterRole(.bias, unitAxis: 0)])
    #expect(conv.unitAxis([], [], try Shape([2, 3, 4])) == 1)
    let w = Operand(try Shape([4, 1, 3]))
    for (groups, axis) in [(1, 1), (4, 0), (2, nil)] as [(Int, Int?)] {
      let op = try OperatorRegistry.make(
        "ConvTranspose", ["group": .int(groups)], inputs: 2, outputs: 1)
      #expect(op.roles([nil, w])[1]?.unitAxis == axis)
    }
  }
}
