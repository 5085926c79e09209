import Replay

extension Check {
  /// What the user may set.
  public struct Options: Sendable {
    /// Threads; 0 for one per core. The report does not depend on it.
    public var workers = 0
    /// Ids of the only rules to apply; empty for all.
    public var select: [String] = []
    /// Ids of rules to leave out.
    public var ignore: [String] = []
    /// By `rule.threshold`: another value.
    public var set: [String: Double] = [:]
    /// Whether to look for what cures the run: trainings with changes, which take several times as long
    /// as all the rest.
    public var cure = false
    /// How much arithmetic trials of the training may take, as a factor of the usual; the report depends
    /// on it, and on no clock.
    public var effort = 1.0
    /// Factors that make sense.
    public static let efforts = 0.01...10_000
    /// Does lanes of passes over the data elsewhere; nil for threads of this process alone. The
    /// report does not depend on it.
    public var executor: (any LaneExecutor)?

    /// The defaults.
    public init() {}

    /// - Throws: `OptionError` when a rule or a threshold does not exist.
    func validate() throws(OptionError) {
      guard Self.efforts.contains(effort) else {
        throw OptionError(
          what: "effort", found: "\(effort)",
          known: ["a number from \(Self.efforts.lowerBound) to \(Self.efforts.upperBound)"])
      }
      let ids = RuleRegistry.all.map { $0.info.id.rawValue }
      for id in select + ignore where !ids.contains(id) {
        throw OptionError(what: "rule", found: id, known: ids)
      }
      let names = RuleRegistry.all.flatMap { rule in
        rule.info.thresholds.map { "\(rule.info.id).\($0.name)" }
      }
      for name in set.keys.sorted() where !names.contains(name) {
        let rule = name.prefix { $0 != "." }
        guard ids.contains(String(rule)) else {
          throw OptionError(what: "rule", found: String(rule), known: ids)
        }
        let own = names.filter { $0.hasPrefix("\(rule).") }
        throw OptionError(what: "option", found: name, known: own.isEmpty ? ["none"] : own)
      }
    }
  }
}

/// An option that names something unknown.
public struct OptionError: Error, Equatable, CustomStringConvertible {
  /// What was meant: a rule or an option.
  public let what: String
  /// The name given.
  public let found: String
  /// The names that exist.
  public let known: [String]

  /// The message.
  public var description: String {
    "unknown \(what) \"\(found)\": expected one of \(known.joined(separator: ", "))"
  }
}
