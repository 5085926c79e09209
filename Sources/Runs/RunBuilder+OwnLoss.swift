import Npy

extension RunBuilder {
  /// One operator of a loss that a script wrote itself.
  public struct LossNode {
    let op: String
    let inputs: [String]
    let output: String
    let attributes: [String: JSONValue]

    /// An operator by its ONNX name, with the names of its tensors.
    public init(
      _ op: String, _ inputs: [String], _ output: String, _ attributes: [String: JSONValue] = [:]
    ) {
      (self.op, self.inputs, self.output, self.attributes) = (op, inputs, output, attributes)
    }
  }

  /// A loss that a script wrote itself, of the newest tensor.
  ///
  /// - Parameter nodes: operators on `prediction`, `target`, parameters and what they make; the last one
  ///   gives the loss.
  public mutating func ownLoss(
    target name: String = "y", shape: [Int], _ values: [Float], _ nodes: [LossNode]
  ) {
    let listed = nodes.map { node in
      JSONValue.object([
        "name": .string(node.output), "op": .string(node.op),
        "inputs": .array(node.inputs.map(JSONValue.string)),
        "outputs": .array([.string(node.output)]), "attributes": .object(node.attributes),
      ])
    }
    let graph = JSONValue.object([
      "inputs": .array([.string("prediction"), .string("target")]), "nodes": .array(listed),
      "output": .string(nodes.last?.output ?? "prediction"),
    ])
    loss("custom", target: name, shape: shape, values, settings: ["graph": graph])
  }
}
