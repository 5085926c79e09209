import Tensors
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: 0...40)
  func `tails of every length`(count: Int) throws {
    var numbers = Numbers(UInt64(count))
    let a = numbers.floats(count)
    let b = numbers.floats(count)
    let doubled = try withTensors([a], count: count) { map($0[0], into: $1) { $0 + $0 } }
    #expect(doubled == a.map { $0 + $0 })
    let difference = try withTensors([a, b], count: count) {
      zip($0[0], $0[1], into: $1) { $0 - $1 }
    }
    #expect(difference == Swift.zip(a, b).map { $0 - $1 })
    let sum = try withTensors([a, b], count: count) { inputs, result in
      result.copy(inputs[0])
      result.add(inputs[1])
    }
    #expect(sum == Swift.zip(a, b).map { $0 + $1 })
  }

  @Test(arguments: 0..<16)
  func `part of a vector`(count: Int) throws {
    let values = (1...16).map(Float.init)
    let found = try withTensors([values], count: count) { inputs, result in
      let part = inputs[0].base.vector(first: count)
      for lane in 0..<16 { #expect(part[lane] == (lane < count ? values[lane] : 0)) }
      result.base.store(part + 1, first: count)
    }
    #expect(found == values.prefix(count).map { $0 + 1 })
  }

  @Test func `lanes are chosen bit for bit`() {
    let x = Vector(repeating: .nan)
    let even = Vector((0..<16).map { Float($0 % 2) }) .== 0
    let chosen = x.replacing(with: -0.0, where: even)
    for lane in 0..<16 {
      #expect(chosen[lane].bitPattern == (lane % 2 == 0 ? Float(-0.0) : .nan).bitPattern)
    }
    #expect(Vector(repeating: -3).magnitude == Vector(repeating: 3))
    #expect(Vector(repeating: 3).signed(by: Vector(repeating: -0.0)) == Vector(repeating: -3))
  }
}
