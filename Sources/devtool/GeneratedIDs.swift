/// The constants of `RuleID`, found in the files of the rules.
struct GeneratedIDs {
  static let folder = "Sources/Diagnosis/Rules"
  static let path = "Sources/Diagnosis/Causes/RuleID+All.swift"

  static func text(in repository: Repository) throws -> String {
    let constants = try ids(in: repository).map { id in
      """
        /// `\(id)`
        public static let \(name(of: id)) = RuleID("\(id)")

      """
    }.joined()
    return """
      // Written by `devtool register` from \(folder); do not edit.

      extension RuleID {
      \(constants)}

      """
  }

  /// The ids that the rules give themselves, sorted.
  private static func ids(in repository: Repository) throws -> [String] {
    let head = /RuleInfo\(\s*id: "([a-z0-9-]+)"/
    return try repository.swiftFiles(below: folder).flatMap { path in
      (repository.read(path) ?? "").matches(of: head).map { String($0.1) }
    }.sorted()
  }

  /// `deadUnits` of `dead-units`.
  static func name(of id: String) -> String {
    let words = id.split(separator: "-")
    return words.prefix(1).joined()
      + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
