import Tensors
import Testing

@testable import Operators

@Suite struct GradientTests {
  /// Backward against central differences of a random projection of the outputs.
  ///
  /// The step of 1/32 stays inside the 0.05 that samples keep from kinks. Differences at h and h/2
  /// are extrapolated (Richardson), which leaves an error of order h⁴ ≈ 1e-6. The kernels round to
  /// float32: an error of 1e-6 in an output becomes 1e-6 / h ≈ 3e-5 in a difference and about 1e-4
  /// after extrapolation. A wrong formula is off by far more than the tolerance of 5e-4.
  @Test(arguments: Case.all.filter { !$0.states(.stopsGradients) })
  func `backward is the derivative of forward`(example: Case) throws {
    let values = example.inputs()
    let node = try example.node(values)
    #expect(node.values.allSatisfy { $0.isFinite })
    if let range = node.op.activation?.range {
      #expect(node.values.allSatisfy { range.contains(Double($0)) })
    }
    var numbers = Numbers(77)
    let slopes = numbers.draw(node.outputs[0].count, from: -1...1)
    let found = try node.gradients(example.differentiable, slopes)

    for input in example.differentiable {
      let gradient = try #require(found[input])
      let base = try #require(values[input])
      for i in base.indices {
        func difference(_ h: Float) throws -> Double {
          var above = values
          var below = values
          above[input]?[i] += h
          below[input]?[i] -= h
          let width = Double(above[input]?[i] ?? 0) - Double(below[input]?[i] ?? 0)
          let high = try example.node(above).values
          let low = try example.node(below).values
          return slopes.indices.reduce(0.0) {
            $0 + Double(slopes[$1]) * (Double(high[$1]) - Double(low[$1]))
          } / width
        }
        let expected = (4 * (try difference(1 / 64)) - (try difference(1 / 32))) / 3
        let error = abs(expected - Double(gradient[i]))
        #expect(error < 5e-4 * max(1, abs(expected)), "input \(input), element \(i)")
      }
    }
  }

  @Test(arguments: Case.all)
  func `gradients are written, each for itself`(example: Case) throws {
    let node = try example.node()
    var numbers = Numbers(5)
    let slopes = numbers.draw(node.outputs[0].count, from: -1...1)
    let asked = example.differentiable
    let clean = try node.gradients(asked, slopes, start: 0)
    let overNaN = try node.gradients(asked, slopes, start: .nan)
    #expect(clean == overNaN)
    #expect(try node.gradients([], slopes).allSatisfy { $0 == nil })
    for input in asked {
      #expect(try node.gradients([input], slopes)[input] == clean[input])
    }
    // An input that is given may be asked for as well: it gets zeros.
    for input in example.sample.constants.keys {
      #expect(try node.gradients([input], slopes)[input]?.allSatisfy { $0 == 0 } == true)
    }
  }

  @Test(arguments: Case.all.filter { $0.type.info.accumulates })
  func `a beta of 1 adds`(example: Case) throws {
    let node = try example.node()
    var numbers = Numbers(6)
    let slopes = numbers.draw(node.outputs[0].count, from: -1...1)
    let written = try node.gradients(example.differentiable, slopes)
    let added = try node.gradients(example.differentiable, slopes, start: 3, beta: 1)
    for input in example.differentiable {
      let expected = try #require(written[input]).map { $0 + 3 }
      #expect(distance(expected, try #require(added[input])) < 1e-6)
    }
  }

  /// An affine operator takes the middle of two inputs to the middle of their outputs. One that is
  /// not shows it in some input of some sample.
  @Test(arguments: OperatorRegistry.all.indices)
  func `affine is affine`(index: Int) throws {
    let info = OperatorRegistry.all[index].info
    var bent = false
    for example in Case.all where example.type.info.name == info.name {
      for input in example.differentiable where try bends(example, input) {
        bent = true
        if info.facts.contains(.affine) {
          Issue.record("\(example.testDescription), input \(input)")
        }
      }
    }
    // These bend only at single numbers, at NaN and infinities, in a condition, or in a length.
    let hidden: Set = [
      "And", "ConstantOfShape", "Equal", "IsInf", "IsNaN", "Not", "Or", "Range", "Shape", "Size",
      "Where", "Xor",
    ]
    #expect(bent || info.facts.contains(.affine) || hidden.contains(info.name))
  }

  private func bends(_ example: Case, _ input: Int) throws -> Bool {
    let values = example.inputs()
    let base = try #require(values[input])
    var numbers = Numbers(11)
    let other = numbers.draw(base.count, from: -4...4)
    var (middle, end) = (values, values)
    end[input] = other
    middle[input] = zip(base, other).map { ($0 + $1) / 2 }
    let (here, there) = (try example.node(values).values, try example.node(end).values)
    let between = zip(here, there).map { ($0 + $1) / 2 }
    return distance(between, try example.node(middle).values) > 1e-5
  }

  @Test func `every operator has samples, and names of its own`() {
    for type in OperatorRegistry.all {
      #expect(!type.info.samples.isEmpty, "\(type.info.name)")
      #expect(type.info.outputs.contains(1))
    }
    #expect(Set(OperatorRegistry.all.map { $0.info.name }).count == OperatorRegistry.all.count)
  }
}
