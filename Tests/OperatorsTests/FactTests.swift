import Glibc
import Tensors
import Testing

@testable import Operators

/// What operators state about themselves, measured on their samples.
@Suite struct FactTests {
  @Test(arguments: OperatorFact.allCases)
  func `every fact is stated`(fact: OperatorFact) {
    #expect(OperatorRegistry.all.contains { $0.info.facts.contains(fact) })
  }

  /// Whole numbers, for a Cast may hold no others; a truth value holds 0 and 1.
  @Test(arguments: Case.stating(.passesValues, .passesIds))
  func `values pass as they are`(example: Case) throws {
    var values = example.inputs()
    let isTruth = example.sample.attributes["to"] == .int(9)
    let ids = (values[0] ?? []).indices.map { Float($0 % (isTruth ? 2 : 100)) }
    values[0] = ids
    let found = try example.node(values).values
    if example.states(.passesValues) {
      #expect(found.sorted() == ids.sorted())
    } else {
      #expect(Set(found).isSubset(of: ids))
    }
  }

  @Test(arguments: Case.stating(.stopsGradients))
  func `a gradient that is stopped is zero`(example: Case) throws {
    let node = try example.node()
    let slopes = [Float](repeating: 3, count: node.outputs[0].count)
    let found = try #require(try node.gradients([0], slopes, start: 7)[0])
    #expect(found.allSatisfy { $0 == 0 })
  }

  @Test(arguments: Case.stating(.keepsOrder))
  func `values keep their order`(example: Case) throws {
    var values = example.inputs()
    let isTruth = example.sample.attributes["to"] == .int(9)
    let first = (values[0] ?? []).indices.map { Float($0 % (isTruth ? 2 : 100)) }
    values[0] = first
    #expect(try example.node(values).values == first)
  }

  @Test(arguments: Case.stating(.clipsValues))
  func `a clip gives its input or a bound`(example: Case) throws {
    let values = example.inputs()
    let strange = Set(try example.node(values).values).subtracting(values[0] ?? [])
    #expect(strange.count <= 2)
  }

  @Test(arguments: Case.stating(.comparesIds))
  func `a comparison gives no id on`(example: Case) throws {
    var values = example.inputs()
    values[0] = (values[0] ?? []).indices.map { Float(3_000_000 + $0) }
    let found = try example.node(values).values
    #expect(found.allSatisfy { $0 < 1000 })
  }

  /// Nothing of the indices is in the output.
  @Test(arguments: Case.stating(.takesIndices))
  func `indices are no numbers`(example: Case) throws {
    let values = example.inputs()
    let found = try example.node(values).values
    #expect(Set(found).isSubset(of: values[0] ?? []))
    #expect(example.sample.constants[1] != nil)
  }

  @Test(arguments: Case.stating(.looksUpRows))
  func `an embedding has a kernel`(example: Case) throws {
    let node = try example.node()
    #expect(node.op.states(.takesIndices))
    #expect(node.op.roles(node.operands)[0]?.kind == .kernel)
  }

  /// Where all is 1 an output counts its weights; at the border of an image it counts fewer.
  @Test(arguments: Case.stating(.weighs))
  func `a kernel has a weight for each input of a unit`(example: Case) throws {
    var values = example.inputs()
    for input in values.indices.prefix(2) { values[input] = values[input]?.map { _ in 1 } }
    if values.count > 2 { values[2] = values[2]?.map { _ in 0 } }
    let factor: Float
    if case .float(let alpha)? = example.sample.attributes["alpha"] {
      factor = Float(alpha)
    } else {
      factor = 1
    }
    let node = try example.node(values)
    let kernel = try #require(node.operands[1]).shape
    let role = try #require(node.op.roles(node.operands)[1])
    #expect(role.kind == .kernel)
    guard node.outputs[0].count > 0, kernel.rank > 1 else { return }
    let matrices = example.states(.slides) ? 1 : kernel.dims.dropLast(2).reduce(1, *)
    let weights = Float(kernel.count / kernel[role.unitAxis] / matrices)
    let sums = node.values.map { $0 / factor }
    if example.states(.slides) {
      #expect(sums.allSatisfy { $0 <= weights })
      let covers = example.sample.attributes.keys.contains { $0 == "pads" || $0 == "auto_pad" }
      #expect(covers || sums.contains(weights))
    } else {
      #expect(sums.allSatisfy { abs($0 - weights) <= 1e-5 * weights })
    }
  }

  /// What is added moves the output, what scales multiplies or divides it.
  @Test(arguments: Case.stating(.adds, .scales))
  func `a parameter among operands`(example: Case) throws {
    let values = example.inputs()
    guard values.count > 1 else { return }
    let before = try example.node(values)
    var others = values
    others[1] = values[1]?.map { example.states(.adds) ? $0 + 1 : 2 * $0 }
    let after = try example.node(others).values
    let expected: [[Float]] =
      example.states(.adds)
      ? [before.values.map { $0 + 1 }, before.values.map { $0 - 1 }]
      : [before.values.map { $0 * 2 }, before.values.map { $0 / 2 }]
    #expect(expected.contains { distance($0, after) < 1e-6 })
    let parameter = Operand(try Shape(example.sample.shapes[1] ?? []), batched: false)
    let kind: ParameterRole.Kind = example.states(.adds) ? .bias : .scale
    #expect(before.op.roles([before.operands[0], parameter]).map { $0?.kind } == [nil, kind])
  }

  /// All but the running statistics, which training took from the input.
  @Test(arguments: Case.stating(.normalizes))
  func `a normalization takes the scale away`(example: Case) throws {
    let values = example.inputs()
    if example.states(.normalizesBatch), example.sample.attributes["training_mode"] == nil {
      #expect(values.count == 5)
      return
    }
    func scaled(_ factor: Float) throws -> [Float] {
      var values = values
      values[0] = values[0]?.map { $0 * factor }
      return try example.node(values).values
    }
    #expect(distance(try scaled(1e4), try scaled(3e4)) < 1e-3)
  }

  @Test(arguments: Case.stating(.distribution, .probability, .logarithm))
  func `what a loss is given`(example: Case) throws {
    let node = try example.node()
    if example.states(.probability) {
      #expect(node.op.activation?.range == 0...1)
      #expect(node.values.allSatisfy { (0...1).contains($0) })
    }
    let shape = node.outputs[0].shape
    if example.states(.distribution), shape.rank > 0, shape.count > 0 {
      let axis = try #require(node.op.unitAxis(node.operands, [nil], shape))
      let values = example.states(.logarithm) ? node.values.map { exp($0) } : node.values
      let (outer, inner) = shape.around(axis)
      for line in 0..<(outer * inner) {
        let start = line / inner * inner * shape[axis] + line % inner
        let sum = (0..<shape[axis]).reduce(Float(0)) { $0 + values[start + $1 * inner] }
        #expect(abs(sum - 1) < 1e-5)
      }
    } else if example.states(.logarithm), !example.states(.distribution) {
      #expect(distance(node.values.map { exp($0) }, example.inputs()[0] ?? []) < 1e-5)
    }
  }

  /// Every function of one number that is not finite somewhere has said so, and no other.
  @Test(arguments: OperatorRegistry.all.indices)
  func `where a value is not finite`(index: Int) throws {
    let type = OperatorRegistry.all[index]
    guard let value = Self.function(of: type) else { return }
    #expect(try value(-1).isFinite != (type.states(.takesLogarithm) || type.states(.takesRoot)))
    #expect(try value(0).isFinite != (type.states(.takesLogarithm) || type.states(.divides)))
    #expect(try value(88).isFinite)
    #expect(try value(89).isFinite != type.states(.exponentiates))
  }

  /// The same for slopes at 0. That of a division goes with its value.
  @Test(arguments: OperatorRegistry.all.indices)
  func `where a slope is not finite`(index: Int) throws {
    let type = OperatorRegistry.all[index]
    guard Self.function(of: type) != nil, !type.states(.divides) else { return }
    let node = try Node(
      OperatorRegistry.make(type.info.name, [:], inputs: 1, outputs: 1), [[1, 1]], [[0]])
    let slope = try #require(try node.gradients([0], [1])[0])
    #expect(slope[0].isFinite != type.states(.steepAtZero))
  }

  @Test func `a division and a power with two operands`() throws {
    #expect(Div.info.facts.contains(.divides) && Pow.info.facts.contains(.steepAtZero))
    let quotient = try OperatorReferenceTests.run("Div", [:], [[1], [1]], [[1], [0]])
    #expect(!quotient.values[0].isFinite)
    let power = try OperatorReferenceTests.run("Pow", [:], [[1], [1]], [[0], [0.5]])
    let slope = try #require(try power.gradients([0], [1])[0])
    #expect(!slope[0].isFinite)
  }

  @Test(arguments: Case.stating(.neverNegative))
  func `no output is below zero`(example: Case) throws {
    for factor: Float in [1, -1] {
      var values = example.inputs()
      values[0] = values[0]?.map { $0 * factor }
      // A root has no value below zero.
      #expect(try example.node(values).values.allSatisfy { $0 >= 0 || $0.isNaN })
    }
  }

  @Test(arguments: Case.stating(.keepsSign))
  func `outputs are on the side of the inputs`(example: Case) throws {
    for factor: Float in [1, -1] {
      var values = example.inputs()
      values[0] = values[0]?.map { abs($0) * factor }
      #expect(try example.node(values).values.allSatisfy { $0 * factor >= 0 || !$0.isFinite })
    }
  }

  @Test(arguments: Case.stating(.negates))
  func `outputs are the inputs with the other sign`(example: Case) throws {
    let values = example.inputs()
    #expect(try example.node(values).values == values[0]?.map { -$0 })
  }

  @Test func `an even power is never negative`() throws {
    let pow = try OperatorRegistry.make("Pow", [:], inputs: 2, outputs: 1)
    let base = try Operand(Shape([1, 1]))
    for (exponent, isNever) in [(2.0, true), (3, false), (-4, true), (0.5, false)] {
      let known = Operand(.scalar, batched: false, constant: [exponent])
      #expect(pow.isNeverNegative([base, known]) == isNever)
    }
    #expect(!pow.isNeverNegative([base, base]))
  }

  /// Where the outputs are finite, neither NaN nor +∞ has come in; −∞ may have.
  @Test(arguments: Case.stating(.takesMinusInfinity))
  func `only a mask may go in unseen`(example: Case) throws {
    let values = example.inputs()
    guard let first = values[0], !example.sample.shapes.contains(where: { $0?.contains(0) == true })
    else { return }
    for stranger in [Float.nan, .infinity] {
      var values = values
      values[0] = first.map { _ in stranger }
      #expect(try example.node(values).values.contains { !$0.isFinite })
    }
  }

  /// A function of one number at a place; nil for an operator that needs more.
  private static func function(of type: any Operator.Type) -> ((Float) throws -> Float)? {
    guard type.info.inputs.contains(1),
      let op = try? OperatorRegistry.make(type.info.name, [:], inputs: 1, outputs: 1),
      let operand = try? Operand(Shape([1, 1])), (try? op.outputShapes([operand])) != nil
    else { return nil }
    return { try Node(op, [[1, 1]], [[$0]]).values[0] }
  }
}

extension Case {
  /// The samples of all operators that state one of some facts.
  static func stating(_ facts: OperatorFact...) -> [Case] {
    all.filter { example in facts.contains { example.states($0) } }
  }

  func states(_ fact: OperatorFact) -> Bool { type.states(fact) }
}

extension Operator {
  fileprivate static func states(_ fact: OperatorFact) -> Bool { info.facts.contains(fact) }
}
