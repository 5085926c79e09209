import Tensors

extension Operator where Self: Kernel {
  /// An operator without scratch memory is its own kernel.
  public func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel { self }
}

extension Operator {
  /// Row-major.
  public func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule { .rows }

  /// The kernel does not ask how its tensors lie.
  public func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel { try makeKernel(inputs, outputs) }

  /// The axis of the first input of as many axes as the output.
  public func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    for (input, axis) in zip(inputs, axes) {
      if let axis, input?.shape.rank == output.rank { return axis }
    }
    return output.rank > 1 ? output.rank - 1 : nil
  }

  /// Every batched input brings its samples along axis 0 of the output, and nothing else varies
  /// along it.
  public func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let output = outputs.first else { return false }
    return inputs.allSatisfy { input in
      guard let input else { return true }
      let aligned = input.shape.rank == output.rank
      if input.batched { return aligned && output.rank > 0 && input.shape[0] == output[0] }
      return !aligned || input.shape.rank == 0 || input.shape[0] == 1
    }
  }

  /// No input is a parameter of note.
  public func roles(_ inputs: [Operand?]) -> [ParameterRole?] { inputs.map { _ in nil } }

  /// None: it costs what its outputs cost.
  public func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double { 0 }

  /// No different.
  public var evaluating: (any Operator)? { nil }

  /// None.
  public var transposedInput: Int? { nil }

  /// Unknown.
  public func constant(_ inputs: [Operand?]) -> [Double]? { nil }

  /// What the facts say.
  public func isNeverNegative(_ inputs: [Operand?]) -> Bool { states(.neverNegative) }

  /// The one of the info.
  public var activation: Activation? { Self.info.activation }

  /// The one of the attributes.
  public func activation(_ inputs: [Operand?]) -> Activation? { activation }

  /// None.
  public func recurrence(_ inputs: [Operand?]) -> Recurrence? { nil }

  /// None.
  public var bounded: (any Operator)? { nil }

  /// None.
  public func normalizedGroup(_ inputs: [Operand?]) -> NormalizedGroup? { nil }
}
