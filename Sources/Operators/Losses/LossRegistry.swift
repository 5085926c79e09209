/// Every loss, by kind.
public enum LossRegistry {
  /// The type of a kind.
  ///
  /// - Throws: `OperatorError.unknownLoss` when there is no such kind.
  public static func type(of kind: String) throws(OperatorError) -> any Loss.Type {
    guard let type = all.first(where: { $0.info.kind == kind }) else {
      throw .unknownLoss(kind, known: all.map { $0.info.kind })
    }
    return type
  }

  /// The loss of a kind.
  ///
  /// - Throws: `OperatorError` when the kind or a setting is unknown, or a setting is wrong.
  public static func make(
    _ kind: String, _ settings: [String: AttributeValue]
  ) throws(OperatorError) -> any Loss {
    let type = try type(of: kind)
    let known = type.info.settings.map(\.name)
    if let stranger = settings.keys.sorted().first(where: { !known.contains($0) }) {
      throw .unknownAttribute(stranger, known: type.info.allSettings.map(\.name))
    }
    return try type.init(Attributes(settings))
  }
}
