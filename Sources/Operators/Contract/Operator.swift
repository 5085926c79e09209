import Tensors

/// One ONNX operator with its attributes read: the shape rule, the kernel, and what the rest of
/// Defib has to know of it. One file an operator; `devtool new-op` writes a new one.
public protocol Operator: Sendable {
  /// Name, arity, attributes, activation, facts and the samples of the gradient check.
  static var info: OperatorInfo { get }

  /// Reads the attributes of a node.
  ///
  /// - Throws: `OperatorError.attribute` when one has a wrong type or value.
  init(_ attributes: Attributes) throws(OperatorError)

  /// The shape rule: the shapes of the outputs for operands of which `nil` is a skipped one.
  ///
  /// - Throws: `OperatorError` when the operands do not fit.
  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape]

  /// A kernel for operands that the shape rule has accepted. It may own scratch memory and belongs
  /// to one thread.
  ///
  /// - Throws: `OperatorError` when memory runs out or a library fails.
  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel

  /// How the inputs and the first output of a kernel may lie.
  func orderRule(_ inputs: [Operand?], _ outputs: [Shape]) -> OrderRule

  /// The same as `makeKernel` above for a first input and a first output in those orders, which fit
  /// the rule.
  ///
  /// - Throws: `OperatorError` when memory runs out or a library fails.
  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape], from source: TensorOrder, to destination: TensorOrder
  ) throws(OperatorError) -> any Kernel

  /// The axis of the output along which the units of a layer lie; nil when it has none. `axes` are
  /// those of the inputs.
  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int?

  /// Whether row i of every output depends on row i of the batched inputs alone. When every node
  /// says so, a run need not be replayed in its own batches.
  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool

  /// What each input would be if a parameter fed it, and its unit axis.
  func roles(_ inputs: [Operand?]) -> [ParameterRole?]

  /// How many pairs of values the matrix products of a forward step multiply and add up.
  func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double

  /// The input, if any, whose transpose makes the forward step faster: a matrix.
  var transposedInput: Int? { get }

  /// The values of the output where they are known before any data: for shapes and indices.
  func constant(_ inputs: [Operand?]) -> [Double]?

  /// Where the function is flat and what it can reach, under the attributes of this node; that of
  /// the info unless an attribute changes it.
  var activation: Activation? { get }

  /// The same where inputs that are known before any data change it, too, such as Clip's bounds.
  func activation(_ inputs: [Operand?]) -> Activation?

  /// Whether no output is below 0, with these inputs.
  func isNeverNegative(_ inputs: [Operand?]) -> Bool

  /// The state that goes from step to step; nil for an operator without one.
  func recurrence(_ inputs: [Operand?]) -> Recurrence?

  /// The same with a state that stays within bounds; nil for an operator without a state.
  var bounded: (any Operator)? { get }

  /// What is normalized together; nil for an operator that takes no statistics of what comes in.
  func normalizedGroup(_ inputs: [Operand?]) -> NormalizedGroup?

  /// The same operator as it is after the training; nil where that is no different.
  var evaluating: (any Operator)? { get }
}

/// How an operator takes its inputs and gives its first output; all other tensors are row-major.
public enum OrderRule: Sendable, Equatable {
  /// All row-major.
  case rows
  /// Those inputs as the first output.
  case alike([Int])
  /// The first input and the first output each as it comes.
  case any

  /// The first input as the first output.
  public static let alike = OrderRule.alike([0])

  /// The inputs that need not be row-major.
  public var inputs: [Int] {
    switch self {
    case .rows: []
    case .alike(let inputs): inputs
    case .any: [0]
    }
  }
}

/// The two directions of a node at fixed shapes.
public protocol Kernel {
  /// Writes every output.
  func forward(_ node: Forward) throws(OperatorError)
  /// Writes the gradient of every input that is asked for (see `Backward`): once after each `forward`,
  /// for a kernel may use up what it kept.
  func backward(_ node: Backward) throws(OperatorError)
}

/// What a node sees of one of its inputs before any value is there.
public struct Operand: Sendable {
  /// The shape at the batch size that is planned for.
  public let shape: Shape
  /// Whether axis 0 is the sample.
  public let batched: Bool
  /// The values, when they are known before any data.
  public let constant: [Double]?

  /// An operand of that shape.
  public init(_ shape: Shape, batched: Bool = true, constant: [Double]? = nil) {
    self.shape = shape
    self.batched = batched
    self.constant = constant
  }

  /// The constant as whole numbers; nil when it is unknown or has fractions.
  public var integers: [Int]? {
    guard let constant else { return nil }
    var result: [Int] = []
    for value in constant {
      guard let integer = Int(exactly: value) else { return nil }
      result.append(integer)
    }
    return result
  }
}

/// The tensors of a forward step. A class, for every step would retain each part of a struct.
public final class Forward {
  /// In the order of the node; nil where an optional input was skipped.
  public let inputs: [Tensor?]
  /// In the order of the node.
  public let outputs: [Tensor]
  /// The transpose of the operator's `transposedInput`, where somebody has it.
  public let transposed: Tensor?

  /// The tensors of one node.
  public init(inputs: [Tensor?], outputs: [Tensor], transposed: Tensor? = nil) {
    self.inputs = inputs
    self.outputs = outputs
    self.transposed = transposed
  }
}

/// The tensors of a backward step. A gradient has the shape of its tensor.
public final class Backward {
  /// The inputs of the forward step.
  public let inputs: [Tensor?]
  /// The outputs of the forward step.
  public let outputs: [Tensor]
  /// The loss's gradient for every output.
  public let outputGradients: [Tensor]
  /// Where the gradients of the inputs go; nil where nobody asks. A kernel **writes** them: what
  /// was there is lost, unless it is told to add.
  public let inputGradients: [Tensor?]
  /// 1 where the kernel must add to what is there, 0 where it must write. Only an operator whose
  /// info says `accumulates` ever sees a 1; for the others the caller adds.
  public let betas: [Float]

  /// The tensors of one node.
  public init(
    inputs: [Tensor?], outputs: [Tensor], outputGradients: [Tensor], inputGradients: [Tensor?],
    betas: [Float]
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.outputGradients = outputGradients
    self.inputGradients = inputGradients
    self.betas = betas
  }
}

/// What a parameter is to the operator that it feeds.
public struct ParameterRole: Sendable, Hashable {
  /// The part that it plays.
  public enum Kind: String, Sendable {
    /// Weights between units: their variation is what tells units apart.
    case kernel
    /// A value added to a unit.
    case bias
    /// A factor of a unit.
    case scale
  }
  /// The part that it plays.
  public let kind: Kind
  /// The axis along which the units lie.
  public let unitAxis: Int

  /// A role.
  public init(_ kind: Kind, unitAxis: Int) {
    self.kind = kind
    self.unitAxis = unitAxis
  }
}
