/// Every operator, by name.
public enum OperatorRegistry {
  private static let byName = Dictionary(
    all.map { ($0.info.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// The operator of a node.
  ///
  /// - Throws: `OperatorError` when the name or an attribute is unknown, or an attribute is wrong.
  public static func make(
    _ name: String, _ attributes: [String: AttributeValue], inputs: Int, outputs: Int
  ) throws(OperatorError) -> any Operator {
    guard let type = byName[name] else { throw .unknown(name) }
    let known = type.info.attributes.map(\.name)
    if let stranger = attributes.keys.sorted().first(where: { !known.contains($0) }) {
      throw .unknownAttribute(stranger, known: known)
    }
    guard type.info.inputs.contains(inputs) else {
      throw .arity("inputs", found: inputs, expected: type.info.inputs)
    }
    guard type.info.outputs.contains(outputs) else {
      throw .arity("outputs", found: outputs, expected: type.info.outputs)
    }
    return try type.init(Attributes(attributes))
  }
}
