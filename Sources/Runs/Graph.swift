import Npy
import Operators

/// The graph of a run: tensors are numbered, and nodes stand in an order that computes each tensor
/// before it is used.
public struct Graph: Sendable {
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
    /// The user's own name of the layer, for findings.
    public let layer: String
  }

  /// An array of the model: a trained parameter, or a buffer or constant when not trainable.
  public struct Parameter: Sendable {
    /// The framework's name.
    public let name: String
    /// The values after the training.
    public fileprivate(set) var array: NpyArray
    /// The values before it, when they were exported.
    public let initial: NpyArray?
    /// Whether the training may change it.
    public fileprivate(set) var trainable: Bool
    /// Whether the model lists it among its parameters: what a loop over those, such as the making
    /// of an optimizer, does not see is not registered.
    public let isRegistered: Bool
    /// Whether it is a parameter that the user keeps from training, which no buffer is.
    public let isFrozen: Bool
    /// Its tensor's number.
    public let tensor: Int

    /// The same parameter with other values.
    func replacing(_ array: NpyArray) -> Parameter {
      var other = self
      other.array = array
      return other
    }

    /// The same parameter, trained if it was frozen.
    var thawed: Parameter {
      var other = self
      other.trainable = trainable || isFrozen
      return other
    }
  }

  /// The names of all tensors; a tensor is its index here.
  public let tensors: [String]
  /// The tensors that the data feeds.
  public let inputs: [Int]
  /// The nodes.
  public let nodes: [Node]
  /// The parameters.
  public let parameters: [Parameter]
  /// The tensors that the model returns.
  public let outputs: [Int]
  /// By layer: the line of the user's code that calls it, where the run tells.
  public let sources: [String: SourceLine]
  /// By input or target: what the user calls its columns, one name for each, where the run tells.
  public let columns: [String: [String]]
  /// The node that computes a tensor; nil for inputs and parameters.
  public let producer: [Int?]
  /// The nodes that use a tensor, in order, with the place among their inputs.
  public let consumers: [[Use]]

  /// One use of a tensor.
  public struct Use: Sendable, Hashable {
    /// The node, by its index.
    public let node: Int
    /// Which of its inputs.
    public let slot: Int
  }

  init(
    tensors: [String], inputs: [Int], nodes: [Node], parameters: [Parameter], outputs: [Int],
    sources: [String: SourceLine], columns: [String: [String]]
  ) {
    self.sources = sources
    self.columns = columns
    self.tensors = tensors
    self.inputs = inputs
    self.nodes = nodes
    self.parameters = parameters
    self.outputs = outputs
    var producer = [Int?](repeating: nil, count: tensors.count)
    var consumers = [[Use]](repeating: [], count: tensors.count)
    for (index, node) in nodes.enumerated() {
      for tensor in node.outputs { producer[tensor] = index }
      for (slot, tensor) in node.inputs.enumerated() {
        if let tensor { consumers[tensor].append(Use(node: index, slot: slot)) }
      }
    }
    self.producer = producer
    self.consumers = consumers
  }

  /// The same graph with other values of some parameters, by name, in the same shapes.
  func replacing(_ arrays: [String: NpyArray]) -> Graph {
    Graph(
      tensors: tensors, inputs: inputs, nodes: nodes,
      parameters: parameters.map { $0.replacing(arrays[$0.name] ?? $0.array) }, outputs: outputs,
      sources: sources, columns: columns)
  }

  /// The number of a tensor.
  public func tensor(named name: String) -> Int? { tensors.firstIndex(of: name) }

  /// The parameter that is a tensor.
  public func parameter(at tensor: Int) -> Parameter? {
    parameters.first { $0.tensor == tensor }
  }

  /// The user's name for a tensor: its producer's layer, or its own name.
  public func layer(of tensor: Int) -> String {
    producer[tensor].map { nodes[$0].layer } ?? tensors[tensor]
  }
}
