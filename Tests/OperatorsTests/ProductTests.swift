import Tensors
import Testing

@testable import Operators

/// What an operator says that its matrix products cost.
@Suite struct ProductTests {
  private static func products(
    _ name: String, _ dims: [Int]..., attributes: [String: AttributeValue] = [:]
  ) throws -> Double {
    let kind = try OperatorRegistry.make(name, attributes, inputs: dims.count, outputs: 1)
    let operands = try dims.map { Operand(try Shape.of($0)) as Operand? }
    return kind.products(operands, try kind.outputShapes(operands))
  }

  @Test func `a matrix product multiplies rows by depth by columns`() throws {
    #expect(try Self.products("MatMul", [3, 4], [4, 5]) == 60)
    #expect(try Self.products("MatMul", [2, 3, 4], [2, 4, 5]) == 120)
    #expect(try Self.products("Gemm", [3, 4], [5, 4], [5], attributes: ["transB": .int(1)]) == 60)
    #expect(try Self.products("Gemm", [4, 3], [4, 5], attributes: ["transA": .int(1)]) == 60)
    let equation = ["equation": AttributeValue.string("bqhd,bkhd->bhqk")]
    let scores = try Self.products("Einsum", [2, 3, 2, 4], [2, 5, 2, 4], attributes: equation)
    #expect(scores == 2 * 2 * 3 * 5 * 4)
  }

  @Test func `a convolution multiplies its window at every place`() throws {
    #expect(try Self.products("Conv", [2, 3, 8, 8], [4, 3, 3, 3]) == 2 * 4 * 36 * 27)
    let grouped = try Self.products(
      "Conv", [2, 3, 8, 8], [6, 1, 3, 3], attributes: ["group": .int(3)])
    #expect(grouped == 2 * 6 * 36 * 9)
    #expect(try Self.products("ConvTranspose", [2, 3, 4, 4], [3, 5, 2, 2]) == 2 * 3 * 16 * 20)
  }

  @Test func `a recurrent layer multiplies at every step`() throws {
    let found = try Self.products(
      "LSTM", [2, 7, 3], [1, 20, 3], [1, 20, 5],
      attributes: ["hidden_size": .int(5), "layout": .int(1)])
    #expect(found == 2 * 7 * (20 * 3 + 20 * 5))
  }

  @Test func `attention multiplies for its scores and its sums`() throws {
    let found = try Self.products("Attention", [2, 4, 3, 8], [2, 2, 5, 8], [2, 2, 5, 6])
    #expect(found == 2 * 4 * 3 * 5 * (8 + 6))
  }

  @Test func `a lookup multiplies nothing`() throws {
    #expect(try Self.products("Gather", [1000, 64], [8]) == 0)
  }

  @Test(arguments: Case.all)
  func `every operator with weights has products`(_ sample: Case) throws {
    guard sample.type.info.facts.contains(.weighs) else { return }
    let node = try sample.node()
    let outputs = node.outputs.map(\.shape)
    let isEmpty = (node.operands + outputs.map { Operand($0) }).contains { $0?.shape.count == 0 }
    #expect((node.op.products(node.operands, outputs) > 0) == !isEmpty)
  }
}
