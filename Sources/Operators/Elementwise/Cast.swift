import Tensors

/// The values as another type would hold them; at run time they stay float32. Integers are truncated
/// toward zero and kept inside the range of their type, NaN becomes 0. The gradient passes through
/// floating types unchanged and is zero for the others.
struct Cast: Elementwise {
  static let info = OperatorInfo(
    name: "Cast", summary: "Values as another type holds them.", formula: "y = type(x)",
    inputs: 1...1,
    attributes: [
      AttributeInfo("to", default: "required", "the number of the type in ONNX's TensorProto"),
      AttributeInfo("saturate", default: "1", "for 8-bit floats; not used"),
    ],
    facts: [.passesValues, .keepsOrder, .passesIds],
    samples: [
      GradientSample([[3, 5]], attributes: ["to": .int(1)]),
      GradientSample([[3, 5]], attributes: ["to": .int(7)], kinks: [-1, 1]),
      GradientSample([[2, 17]], attributes: ["to": .int(9)], kinks: [0]),
      GradientSample([[2, 17]], attributes: ["to": .int(2), "saturate": .int(1)], kinks: [1]),
      GradientSample([[0, 4]], attributes: ["to": .int(11)]),
      GradientSample([[0, 4]], attributes: ["to": .int(10)]),
      GradientSample([[0, 4]], attributes: ["to": .int(16)]),
    ])

  /// What a type keeps of a number.
  enum Target {
    case same
    case half
    case brain
    case truth
    case whole(ClosedRange<Double>)
  }

  let target: Target

  init(_ attributes: Attributes) throws(OperatorError) {
    _ = try attributes.flag("saturate", default: true)
    guard attributes.has("to") else {
      throw .attribute("to", found: "missing", expected: "the number of a type")
    }
    let type = try attributes.int("to", default: 1)
    guard let target = Self.target(type) else {
      throw .attribute(
        "to", found: "\(type)",
        expected: "1 to 13 or 16 without 8: a boolean, an integer or a float of 16 to 64 bits")
    }
    self.target = target
  }

  private static func target(_ type: Int) -> Target? {
    switch type {
    case 1, 11: .same
    case 2: .whole(0...255)
    case 3: .whole(-128...127)
    case 4: .whole(0...65_535)
    case 5: .whole(-32_768...32_767)
    case 6: .whole(-0x1p31...0x1p31 - 1)
    case 7: .whole(-0x1p63...0x1p63.nextDown)
    case 9: .truth
    case 10: .half
    case 12: .whole(0...0x1p32 - 1)
    case 13: .whole(0...0x1p64.nextDown)
    case 16: .brain
    default: nil
    }
  }

  /// The values of an integer type are known; those of the others as far as a float holds them.
  func constant(_ inputs: [Operand?]) -> [Double]? {
    inputs.optional(0)?.constant.map { values in
      values.map { x in
        switch target {
        case .same: x
        case .truth: x == 0 ? 0 : 1
        case .half, .brain: Double(value(Vector(repeating: Float(x)))[0])
        case .whole(let range):
          x.isNaN ? 0 : min(max(x.rounded(.towardZero), range.lowerBound), range.upperBound)
        }
      }
    }
  }

  @inline(__always) func value(_ x: Vector) -> Vector {
    switch target {
    case .same: return x
    case .half: return x.half
    case .brain: return x.brain
    case .truth: return truth(x .!= 0)
    case .whole(let range):
      let whole = x.truncated.replacing(with: 0, where: (x.magnitude .< 1) .| (x .!= x))
      let (low, high) = (Float(range.lowerBound), Float(range.upperBound))
      let raised = whole.replacing(with: low, where: whole .< low)
      return raised.replacing(with: high, where: raised .> high)
    }
  }

  @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector {
    switch target {
    case .same, .half, .brain: Vector(repeating: 1)
    case .truth, .whole: .zero
    }
  }
}
