import Tensors

/// Padding by a constant, by mirroring, by the edge or by the other end; negative pads crop.
struct Pad: Operator {
  static let info = OperatorInfo(
    name: "Pad", summary: "Pads axes with a constant or with what is there; negative pads crop.",
    formula: "y[p] = x[p − pad], or by mode where that is outside", inputs: 2...4,
    attributes: [
      AttributeInfo("mode", default: "constant", "constant, reflect, edge or wrap")
    ],
    facts: [.affine, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[2, 3, 4], [6]], constants: [1: [0, 1, 2, 0, 0, 1]]),
      GradientSample([[2, 3, 4], [6], [1]], constants: [1: [1, 0, 2, 0, 1, -1]]),
      GradientSample([[2, 3, 4], [2], [], [1]], constants: [1: [2, 1], 3: [-2]]),
      GradientSample(
        [[2, 3, 5], [4], nil, [2]], attributes: ["mode": .string("reflect")],
        constants: [1: [2, 3, 1, 9], 3: [1, 2]]),
      GradientSample(
        [[2, 3, 17], [4], nil, [2]], attributes: ["mode": .string("edge")],
        constants: [1: [2, 3, 1, -4], 3: [1, 2]]),
      GradientSample(
        [[2, 3, 4], [4], nil, [2]], attributes: ["mode": .string("wrap")],
        constants: [1: [-1, 3, 1, 6], 3: [1, 2]]),
      GradientSample([[2, 3], [4]], constants: [1: [0, 0, 0, 0]]),
      GradientSample([[0, 3], [4]], constants: [1: [0, 1, 0, 1]]),
    ])

  let mode: PadAxis.Mode

  init(_ attributes: Attributes) throws(OperatorError) {
    let name = try attributes.choice(
      "mode", of: ["constant", "reflect", "edge", "wrap"], default: "constant")
    mode = PadAxis.Mode(rawValue: name) ?? .constant
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    if let value = inputs.optional(2)?.shape, value.count != 1 {
      throw .shapes(found: "a constant value of \(value)", expected: "one number")
    }
    return [try Shape.of(try axes(inputs).map(\.output))]
  }

  private func axes(_ inputs: [Operand?]) throws(OperatorError) -> [PadAxis] {
    let x = try inputs.required(0).shape
    guard let pads = try inputs.required(1).integers else {
      throw .notConstant("the padding of a Pad")
    }
    var padded = Array(0..<x.rank)
    if let given = inputs.optional(3) {
      guard let axes = given.integers else { throw .notConstant("the axes of a Pad") }
      padded = axes.compactMap { x.axis($0) }
      guard padded.count == axes.count, Set(padded).count == axes.count else {
        throw .shapes(found: "axes \(axes)", expected: "different axes of \(x)")
      }
    }
    guard pads.count == 2 * padded.count,
      (pads + x.dims).allSatisfy({ (-Window.lengthLimit...Window.lengthLimit).contains($0) })
    else {
      throw .shapes(
        found: "pads of \(pads)", expected: "a begin and an end for each of \(padded.count) axes")
    }
    var axes: [PadAxis] = []
    for (i, length) in x.dims.enumerated() {
      let place = padded.firstIndex(of: i)
      let before = place.map { pads[$0] } ?? 0
      let after = place.map { pads[$0 + padded.count] } ?? 0
      guard let axis = PadAxis(source: length, before: before, after: after, mode: mode) else {
        throw .shapes(
          found: "pads of \(before) and \(after) on an axis of \(length)",
          expected: before < 0 || after < 0
            ? "no more to be cropped than there is" : "elements to pad with")
      }
      axes.append(axis)
    }
    return axes
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    PadKernel(rows: PadRows(try axes(inputs)))
  }

  /// Samples are kept when none are added or taken.
  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard inputs.optional(0)?.batched == true,
      inputs.dropFirst().allSatisfy({ $0?.batched != true }),
      let axes = try? axes(inputs), let samples = axes.first
    else { return false }
    return samples.isPlain
  }

  /// Constants are shapes and indices: short.
  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let x = inputs.optional(0)?.constant, let axes = try? axes(inputs),
      let y = try? Shape(axes.map(\.output)), y.count <= 1024
    else { return nil }
    var value = 0.0
    if let given = inputs.optional(2) {
      guard let known = given.constant?.first else { return nil }
      value = known
    }
    var result = [Double](repeating: value, count: y.count)
    PadRows(axes).forEachPiece { output, source, count in
      guard source >= 0 else { return }
      for i in 0..<count { result[output + i] = x[source + i] }
    }
    return result
  }
}

/// Both directions of Pad.
private struct PadKernel: Kernel {
  let rows: PadRows

  func forward(_ node: Forward) {
    guard let x = node.inputs.optional(0) else { return }
    let y = node.outputs[0].base
    let value = node.inputs.optional(2)?.base.pointee ?? 0
    rows.forEachPiece { output, source, count in
      if source < 0 {
        (y + output).update(repeating: value, count: count)
      } else {
        (y + output).update(from: x.base + source, count: count)
      }
    }
  }

  func backward(_ node: Backward) {
    let dy = node.outputGradients[0].base
    let dx = node.inputGradients.optional(0)
    dx?.fill(0)
    var outside = 0.0
    rows.forEachPiece { output, source, count in
      let slopes = dy + output
      if source < 0 {
        var sum = Vector.zero
        forEachVector(count) { sum += slopes.vector($0) }
        outside += Double(sum.total)
      } else if let target = dx.map({ $0.base + source }) {
        forEachVector(count) { target.store($0, target.vector($0) + slopes.vector($0)) }
      }
    }
    node.inputGradients.optional(1)?.fill(0)
    node.inputGradients.optional(2)?.fill(Float(outside))
    node.inputGradients.optional(3)?.fill(0)
  }
}
