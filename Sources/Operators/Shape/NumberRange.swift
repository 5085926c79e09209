import Tensors

/// Numbers from a start in even steps up to a limit: ONNX's `Range`. All three must be known before
/// any data.
struct NumberRange: KnownValues {
  static let info = OperatorInfo(
    name: "Range", summary: "Numbers in even steps.", formula: "y[i] = start + i · delta",
    inputs: 3...3,
    samples: [
      GradientSample([[], [], []], constants: [0: [0], 1: [5], 2: [1]]),
      GradientSample([[], [], []], constants: [0: [2], 1: [-1.5], 2: [-0.5]]),
      GradientSample([[], [], []], constants: [0: [2], 1: [1], 2: [1]]),
    ])

  init(_ attributes: Attributes) {}

  private func parts(
    _ inputs: [Operand?]
  ) throws(OperatorError) -> (start: Double, delta: Double, count: Int) {
    var numbers: [Double] = []
    for (index, what) in ["start", "limit", "delta"].enumerated() {
      let operand = try inputs.required(index)
      guard let values = operand.constant else { throw .notConstant("the \(what) of a Range") }
      guard values.count == 1, let value = values.first, value.isFinite else {
        throw .shapes(found: "\(what) \(values)", expected: "one finite number")
      }
      numbers.append(value)
    }
    let (start, limit, delta) = (numbers[0], numbers[1], numbers[2])
    let count = ((limit - start) / delta).rounded(.up)
    guard delta != 0, count <= 0x1p24 else {
      throw .shapes(
        found: "a range from \(start) to \(limit) in steps of \(delta)",
        expected: "a step other than 0, and at most 2²⁴ numbers")
    }
    return (start, delta, max(0, Int(exactly: max(0, count)) ?? 0))
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try Shape.of([try parts(inputs).count])]
  }

  func values(_ inputs: [Operand?]) throws(OperatorError) -> [Double] {
    let (start, delta, count) = try parts(inputs)
    return (0..<count).map { start + Double($0) * delta }
  }

  /// Long ranges are computed once more rather than kept.
  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let parts = try? parts(inputs), parts.count <= constantLimit else { return nil }
    return try? values(inputs)
  }
}
