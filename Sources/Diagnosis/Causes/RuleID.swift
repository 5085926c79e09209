/// The name of a rule: kebab-case, and the same for good.
///
/// `devtool register` writes a constant for each rule from its file, so that code which names a rule
/// that does not exist does not compile.
public struct RuleID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name as users write it, such as `dead-units`.
  public let rawValue: String

  init(_ rawValue: String) { self.rawValue = rawValue }

  /// The name as users write it.
  public var description: String { rawValue }

  /// By name.
  public static func < (a: RuleID, b: RuleID) -> Bool { a.rawValue < b.rawValue }
}
