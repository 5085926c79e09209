import Tensors

/// The lengths of a tensor's axes: ONNX's `Shape`.
struct ShapeOf: KnownValues {
  static let info = OperatorInfo(
    name: "Shape", summary: "The lengths of a tensor's axes.", formula: "y = shape of x",
    inputs: 1...1,
    attributes: [
      AttributeInfo("start", default: "0", "the first axis"),
      AttributeInfo("end", default: "the rank", "the axis to stop before"),
    ],
    facts: [.comparesIds],
    samples: [
      GradientSample([[3, 4]]), GradientSample([[]]), GradientSample([[0, 4]]),
      GradientSample([[2, 3, 4]], attributes: ["start": .int(-2), "end": .int(-1)]),
    ])

  let start: Int
  let end: Int

  init(_ attributes: Attributes) throws(OperatorError) {
    start = try attributes.int("start", default: 0)
    end = try attributes.int("end", default: Int.max)
  }

  /// Bounds outside the rank are moved into it.
  private func dims(_ inputs: [Operand?]) throws(OperatorError) -> [Int] {
    let x = try inputs.required(0).shape
    func bound(_ value: Int) -> Int {
      min(max(value < 0 ? value.addingReportingOverflow(x.rank).partialValue : value, 0), x.rank)
    }
    let first = bound(start)
    return Array(x.dims[first..<max(first, bound(end))])
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try Shape.of([try dims(inputs).count])]
  }

  func values(_ inputs: [Operand?]) throws(OperatorError) -> [Double] {
    try dims(inputs).map { Double($0) }
  }
}
