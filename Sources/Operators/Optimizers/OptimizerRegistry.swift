/// Every optimizer, by kind.
public enum OptimizerRegistry {
  /// The type of a kind.
  ///
  /// - Throws: `OperatorError.unknownOptimizer` when there is no such kind.
  public static func type(of kind: String) throws(OperatorError) -> any Optimizer.Type {
    guard let type = all.first(where: { $0.info.kind == kind }) else {
      throw .unknownOptimizer(kind, known: all.map { $0.info.kind })
    }
    return type
  }

  /// The optimizer of a kind.
  ///
  /// - Throws: `OperatorError` when the kind or a setting is unknown, or a setting is missing or
  ///   wrong.
  public static func make(
    _ kind: String, _ settings: [String: AttributeValue]
  ) throws(OperatorError) -> any Optimizer {
    let type = try type(of: kind)
    let known = type.info.settings.map(\.name)
    if let stranger = settings.keys.sorted().first(where: { !known.contains($0) }) {
      throw .unknownAttribute(stranger, known: known)
    }
    return try type.init(Attributes(settings))
  }

  /// The same from numbers alone: flags are 0 or 1, `betas` are `beta1` and `beta2`.
  ///
  /// - Throws: `OperatorError`, as the other one.
  public static func make(
    _ kind: String, numbers: [String: Double]
  ) throws(OperatorError) -> any Optimizer {
    var settings: [String: AttributeValue] = [:]
    for (name, value) in numbers where name != "beta1" && name != "beta2" {
      settings[name] = .float(value)
    }
    if numbers["beta1"] != nil || numbers["beta2"] != nil {
      settings["betas"] = .floats([numbers["beta1"] ?? 0.9, numbers["beta2"] ?? 0.999])
    }
    return try make(kind, settings)
  }
}
