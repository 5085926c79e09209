import Tensors

/// The number of a tensor's elements: ONNX's `Size`.
struct SizeOf: KnownValues {
  static let info = OperatorInfo(
    name: "Size", summary: "The number of a tensor's elements.", formula: "y = Π shape of x",
    inputs: 1...1,
    samples: [GradientSample([[3, 4]]), GradientSample([[]]), GradientSample([[0, 4]])])

  init(_ attributes: Attributes) {}

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    _ = try inputs.required(0)
    return [.scalar]
  }

  func values(_ inputs: [Operand?]) throws(OperatorError) -> [Double] {
    [Double(try inputs.required(0).shape.count)]
  }
}
