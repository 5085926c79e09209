import Tensors
import Testing

@testable import Operators

/// Kernels on blocks of channels against the same kernels on rows.
@Suite struct BlockOrderTests {
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

  private static let windows: [[String: AttributeValue]] = [
    ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])],
    ["kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 1, 1])],
    ["kernel_shape": .ints([2, 3]), "dilations": .ints([3, 2])],
    ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "ceil_mode": .int(1)],
  ]

  @Test(arguments: windows)
  func `max pool`(_ attributes: [String: AttributeValue]) throws {
    let op = try OperatorRegistry.make("MaxPool", attributes, inputs: 1, outputs: 1)
    let dims = [2, 32, 7, 8]
    let operands: [Operand?] = [Operand(try Shape(dims))]
    let output = try op.outputShapes(operands)[0]
    #expect(op.orderRule(operands, [output]) == .alike)
    let memory = Memory()
    var numbers = Numbers(5)
    // Whole numbers, so that there are ties; the first of equals gets the gradient.
    var values = (0..<dims.reduce(1, *)).map { _ in Float(Int.random(in: 0...5, using: &numbers)) }
    values[40] = .nan
    let slopes = numbers.draw(output.count, from: -1...1)
    func run(_ order: TensorOrder) throws -> (y: [Float], dx: [Float]) {
      let blocks = order == .channelBlocks
      let (into, out) = (Self.places(dims), Self.places(output.dims))
      let x = try memory.tensor(dims, blocks ? into.map { values[$0] } : values)
      let dy = try memory.tensor(output.dims, blocks ? out.map { slopes[$0] } : slopes)
      let (y, dx) = (
        try memory.tensor(output.dims, filled: .nan), try memory.tensor(dims, filled: .nan)
      )
      let kernel = try op.makeKernel(operands, [output], from: order, to: order)
      try kernel.forward(Forward(inputs: [x], outputs: [y]))
      try kernel.backward(
        Backward(
          inputs: [x], outputs: [y], outputGradients: [dy], inputGradients: [dx], betas: [0]))
      guard blocks else { return (Array(y.buffer), Array(dx.buffer)) }
      var rows = (
        y: [Float](repeating: .nan, count: output.count),
        dx: [Float](repeating: .nan, count: dx.count)
      )
      for (place, element) in out.enumerated() { rows.y[element] = y.base[place] }
      for (place, element) in into.enumerated() { rows.dx[element] = dx.base[place] }
      return rows
    }
    let (rows, blocks) = (try run(.rows), try run(.channelBlocks))
    #expect(zip(rows.y, blocks.y).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    #expect(zip(rows.dx, blocks.dx).allSatisfy { abs($0 - $1) <= 1e-6 })
  }
}
