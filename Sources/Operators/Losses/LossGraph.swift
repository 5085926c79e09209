import Tensors

/// The operators of a loss that a script wrote itself, in an order that computes each tensor before it
/// is used. Tensors are numbered from 0.
public struct LossGraph: Sendable {
  /// One operator at work.
  public struct Node: Sendable {
    /// The unique name.
    public let name: String
    /// The operator's ONNX name.
    public let op: String
    /// The operator with its attributes read.
    public let kind: any Operator
    /// Tensors by number; nil where an optional input is skipped.
    public let inputs: [Int?]
    /// Tensors by number.
    public let outputs: [Int]

    /// A node.
    public init(name: String, op: String, kind: any Operator, inputs: [Int?], outputs: [Int]) {
      self.name = name
      self.op = op
      self.kind = kind
      self.inputs = inputs
      self.outputs = outputs
    }
  }

  /// An array that no training changes.
  public struct Constant: Sendable {
    /// The tensor that it fills.
    public let tensor: Int
    /// Its shape.
    public let shape: Shape
    /// Its values.
    public let values: [Float]

    /// An array for a tensor.
    public init(tensor: Int, shape: Shape, values: [Float]) {
      self.tensor = tensor
      self.shape = shape
      self.values = values
    }
  }

  /// How many tensors there are.
  public let tensors: Int
  /// The prediction, the targets, and what else the loss takes, in this order.
  public let inputs: [Int]
  /// Which of the inputs are targets: no gradient goes to them.
  public let targets: Set<Int>
  /// Arrays that no training changes.
  public let constants: [Constant]
  /// The operators.
  public let nodes: [Node]
  /// The tensor whose elements are the terms of the loss.
  public let output: Int

  /// A graph whose names are resolved.
  public init(
    tensors: Int, inputs: [Int], targets: Set<Int>, constants: [Constant], nodes: [Node],
    output: Int
  ) {
    self.tensors = tensors
    self.inputs = inputs
    self.targets = targets
    self.constants = constants
    self.nodes = nodes
    self.output = output
  }

  /// By tensor: whether a gradient goes from the output to it.
  var wanted: [Bool] {
    var depends = [Bool](repeating: false, count: tensors)
    for input in inputs where !targets.contains(input) { depends[input] = true }
    let passing = nodes.filter { !$0.kind.states(.stopsGradients) }
    for node in passing where node.inputs.contains(where: { $0.map { depends[$0] } ?? false }) {
      for output in node.outputs { depends[output] = true }
    }
    var reached = [Bool](repeating: false, count: tensors)
    reached[output] = true
    for node in passing.reversed() where node.outputs.contains(where: { reached[$0] }) {
      for case let input? in node.inputs { reached[input] = true }
    }
    return zip(depends, reached).map { $0 && $1 }
  }
}
