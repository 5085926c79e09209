import Tensors
import Testing

@testable import Operators

/// What operators state about the memory of their tensors, measured on their samples.
@Suite struct MemoryFactTests {
  @Test(arguments: Case.stating(.forgetsInputs))
  func `a backward step that forgets its inputs`(example: Case) throws {
    try expectSame(example, spoilsInputs: true)
  }

  @Test(arguments: Case.stating(.forgetsOutputs))
  func `a backward step that forgets its outputs`(example: Case) throws {
    try expectSame(example, spoilsOutputs: true)
  }

  @Test(arguments: Case.stating(.worksInPlace))
  func `the output takes the memory of an input`(example: Case) throws {
    let expected = try example.node().values
    for slot in example.differentiable {
      let node = try example.node()
      guard node.inputs[slot]?.shape == node.outputs[0].shape else { continue }
      #expect(try node.values(over: slot) == expected)
    }
  }

  @Test(arguments: Case.stating(.worksInPlace, .reshapes))
  func `a gradient takes the memory of the output's`(example: Case) throws {
    let (node, slopes) = try slopes(example)
    let asked = example.differentiable
    let expected = try node.gradients(asked, slopes)
    for slot in example.states(.reshapes) ? [0] : asked
    where node.inputs[slot]?.count == node.outputs[0].count {
      let found = try node.gradients(asked, slopes, heir: slot)
      #expect(same(found, expected))
    }
  }

  @Test(arguments: Case.stating(.reshapes))
  func `an output under another shape`(example: Case) throws {
    let node = try example.node()
    #expect(node.values == node.inputs[0]?.values)
    let (_, slopes) = try slopes(example)
    #expect(try node.gradients([0], slopes)[0] == slopes)
  }

  private func slopes(_ example: Case) throws -> (Node, [Float]) {
    let node = try example.node()
    var numbers = Numbers(3)
    return (node, numbers.draw(node.outputs[0].count, from: -1...1))
  }

  private func expectSame(
    _ example: Case, spoilsInputs: Bool = false, spoilsOutputs: Bool = false
  ) throws {
    let (node, slopes) = try slopes(example)
    let asked = example.differentiable
    let expected = try node.gradients(asked, slopes)
    let found = try node.gradients(
      asked, slopes, spoilsInputs: spoilsInputs, spoilsOutputs: spoilsOutputs)
    #expect(same(found, expected))
  }

  private func same(_ a: [[Float]?], _ b: [[Float]?]) -> Bool {
    zip(a, b).allSatisfy { a, b in
      a?.count == b?.count && zip(a ?? [], b ?? []).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    }
  }
}
