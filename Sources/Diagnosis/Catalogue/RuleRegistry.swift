/// Every rule, in the order of its id. `devtool register` writes the list from the files.
public enum RuleRegistry {
  /// The rule of an id.
  public static func rule(_ id: String) -> (any Rule.Type)? {
    all.first { $0.info.id.rawValue == id }
  }
}
