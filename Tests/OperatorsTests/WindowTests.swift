import Tensors
import Testing

@testable import Operators

@Suite struct WindowTests {
  @Test(
    arguments: [
      ("Conv", ["strides": .ints([0, 1])]), ("Conv", ["strides": .ints([Int.max, 1])]),
      ("Conv", ["dilations": .ints([-1, 1])]), ("Conv", ["dilations": .ints([1 << 21, 1])]),
      ("Conv", ["pads": .ints([0, 0, 0, -1])]), ("Conv", ["pads": .ints([.min, 0, 0, 0])]),
      ("Conv", ["auto_pad": .string("SAME")]), ("Conv", ["auto_pad": .int(1)]),
      ("Conv", ["group": .float(1.5)]), ("ConvTranspose", ["output_padding": .ints([-1, 0])]),
      ("ConvTranspose", ["output_shape": .ints([-1, 0])]), ("MaxPool", [:]), ("AveragePool", [:]),
      ("MaxPool", ["kernel_shape": .ints([0])]), ("MaxPool", ["kernel_shape": .ints([.max])]),
      ("MaxPool", ["kernel_shape": .ints([2]), "storage_order": .int(2)]),
      ("AveragePool", ["kernel_shape": .ints([2]), "ceil_mode": .int(-1)]),
      ("Pad", ["mode": .string("symmetric")]),
    ] as [(String, [String: AttributeValue])])
  func `wild attributes are refused`(name: String, attributes: [String: AttributeValue]) {
    let inputs = name.hasPrefix("Conv") || name == "Pad" ? 2 : 1
    #expect(throws: OperatorError.self) {
      try OperatorRegistry.make(name, attributes, inputs: inputs, outputs: 1)
    }
  }

  @Test(
    arguments: [
      ("Conv", [:], [[2, 3, 5], [4, 3]]), ("Conv", [:], [[2, 3], [4, 3]]),
      ("Conv", [:], [[2, 3, 5], [4, 2, 3]]), ("Conv", [:], [[2, 3, 5], [4, 3, 6]]),
      ("Conv", [:], [[2, 3, 5], [4, 3, 0]]), ("Conv", [:], [[2, 3, 5], [4, 3, 2], [3]]),
      ("Conv", [:], [[2, 3, 5], [4, 3, 2], [4, 1]]),
      ("Conv", [:], [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]]),
      ("Conv", ["group": .int(0)], [[2, 0, 5], [4, 3, 2]]),
      ("Conv", ["group": .int(-1)], [[2, 3, 5], [4, 3, 2]]),
      ("Conv", ["group": .int(3)], [[2, 3, 5], [4, 1, 2]]),
      ("Conv", ["group": .int(.max)], [[2, 3, 5], [4, 3, 2]]),
      ("Conv", ["kernel_shape": .ints([3])], [[2, 3, 5], [4, 3, 2]]),
      ("Conv", ["strides": .ints([1, 1])], [[2, 3, 5], [4, 3, 2]]),
      ("Conv", ["pads": .ints([1])], [[2, 3, 5], [4, 3, 2]]),
      ("Conv", ["dilations": .ints([5])], [[2, 3, 5], [4, 3, 2]]),
      ("Conv", ["pads": .ints([1 << 20, 0])], [[1, 1, 1 << 41], [1, 1, 1]]),
      ("ConvTranspose", [:], [[2, 3, 5], [4, 3, 2]]),
      ("ConvTranspose", ["group": .int(2)], [[2, 3, 5], [3, 3, 2]]),
      ("ConvTranspose", ["group": .int(.max)], [[2, 3, 5], [3, 3, 2]]),
      ("ConvTranspose", ["group": .int(.min)], [[2, 3, 5], [3, 3, 2]]),
      ("ConvTranspose", ["pads": .ints([4, 4])], [[2, 3, 5], [3, 4, 2]]),
      ("ConvTranspose", ["output_shape": .ints([5, 5])], [[2, 3, 5], [3, 4, 2]]),
      ("ConvTranspose", ["output_padding": .ints([0, 0])], [[2, 3, 5], [3, 4, 2]]),
      ("MaxPool", ["kernel_shape": .ints([6])], [[2, 3, 5]]),
      ("MaxPool", ["kernel_shape": .ints([2, 2])], [[2, 3, 5]]),
      ("MaxPool", ["kernel_shape": .ints([2])], [[2, 3]]),
      // Windows over padding alone, at the ends and between two taps.
      ("MaxPool", ["kernel_shape": .ints([2]), "pads": .ints([2, 0])], [[2, 3, 5]]),
      ("MaxPool", ["kernel_shape": .ints([2]), "pads": .ints([0, 2])], [[2, 3, 5]]),
      (
        "MaxPool",
        ["kernel_shape": .ints([2]), "dilations": .ints([3]), "pads": .ints([1, 1])], [[2, 3, 2]]
      ),
      ("GlobalMaxPool", [:], [[2, 3]]), ("GlobalAveragePool", [:], [[2, 3, 0]]),
    ] as [(String, [String: AttributeValue], [[Int]])])
  func `windows that do not fit are refused`(
    name: String, attributes: [String: AttributeValue], dims: [[Int]]
  ) throws {
    let op = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1)
    let operands = try dims.map { Optional(Operand(try Shape($0))) }
    #expect(throws: OperatorError.self) { try op.outputShapes(operands) }
  }

  /// The largest numbers that are let through, on shapes that nobody has memory for.
  @Test func `nothing overflows`() throws {
    let top = Window.limit
    for length in [0, 1, 2, Window.lengthLimit] {
      for padding in ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"] {
        let attributes: [String: AttributeValue] = [
          "auto_pad": .string(padding), "strides": .ints([top]), "dilations": .ints([top]),
          "pads": .ints([top, top]),
        ]
        for (name, more) in [
          ("Conv", [:]), ("ConvTranspose", ["output_padding": .ints([top])]),
          ("AveragePool", ["kernel_shape": .ints([top]), "ceil_mode": .int(1)]),
        ] as [(String, [String: AttributeValue])] {
          let dims = name == "AveragePool" ? [[1, 1, length]] : [[1, 1, length], [1, 1, top]]
          let op = try OperatorRegistry.make(
            name, attributes.merging(more) { $1 }, inputs: dims.count, outputs: 1)
          let shapes = try? op.outputShapes(dims.map { Operand(try Shape($0)) })
          #expect(shapes?.allSatisfy { $0.dims.allSatisfy { $0 >= 0 } } != false)
        }
      }
    }
  }
}
