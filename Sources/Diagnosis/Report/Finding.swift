import Runs

/// How bad a finding is.
public enum Severity: String, Sendable, Comparable, CaseIterable {
  /// Worth knowing; the model may well be sound.
  case note
  /// Likely to cost quality.
  case warning
  /// The model cannot learn what it should.
  case error

  /// One step less.
  var milder: Severity { self == .error ? .warning : .note }

  /// By badness.
  public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }
}

/// Something that a rule found.
public struct Finding: Sendable {
  /// The rule's id.
  public let rule: RuleID
  /// The rule's name for people.
  public let title: String
  /// What is fixed about the rule that found it; nil for a finding that a format kept, whose rule may be
  /// of another release.
  let info: RuleInfo?
  /// How bad it is here.
  public internal(set) var severity: Severity
  /// Where; of a fault with many places the first, or the one that it came from.
  public let place: Place
  /// The other places of the same fault.
  public internal(set) var others: [Place] = []
  /// What is wrong, in one or two sentences with numbers.
  public internal(set) var message: String
  /// The numbers behind it.
  public let evidence: [Measure]
  /// What the user should change.
  public internal(set) var remedy: String
  /// The likeliest change of a cause as lines of code, in the terms of the run's framework; empty where
  /// it is none that can be written down.
  public internal(set) var code = ""
  /// Tensors of the graph that the finding is about, for the links between findings.
  var tensors: [Int]
  /// The loss that a trial without the fault left, as a share of the best constant prediction's;
  /// nil where none was made.
  var remaining: Double?
  /// What the links between findings go by beside the tensors.
  var facts: Facts
  /// Ids of the findings that explain this one.
  public internal(set) var causedBy: [String] = []

  /// The line of the user's code that calls the layer of its place, where the run tells.
  public internal(set) var source: SourceLine?

  /// When it began, as far as the run's snapshots tell.
  public internal(set) var since: Since?

  /// Whether it is more than a note.
  var isAlarm: Bool { severity > .note }

  /// Where it stands in the chain of causes.
  var chainLink: ChainLink { facts.link ?? info?.link ?? .fault }

  /// All places of the fault, `place` first.
  public var places: [Place] { [place] + others }

  /// The name of the finding: unique in a report.
  public var id: String { "\(rule):\(place.name)" }

  /// A finding of its parts, such as a format kept them.
  public init(
    rule: String, title: String, severity: Severity, place: Place, others: [Place],
    message: String, evidence: [Measure], remedy: String, causedBy: [String],
    since: Since? = nil, code: String = "", source: SourceLine? = nil
  ) {
    self.source = source
    self.rule = RuleID(rule)
    self.title = title
    info = nil
    self.severity = severity
    self.place = place
    self.others = others
    self.message = message
    self.evidence = evidence
    self.remedy = remedy
    tensors = []
    remaining = nil
    facts = Facts()
    self.causedBy = causedBy
    self.since = since
    self.code = code
  }

  /// A finding.
  init(
    _ rule: any Rule.Type, _ severity: Severity, at place: Place, _ message: String,
    evidence: [Measure] = [], remedy: String? = nil, tensors: [Int] = [],
    remaining: Double? = nil, facts: Facts = Facts()
  ) {
    self.rule = rule.info.id
    title = rule.info.title
    info = rule.info
    self.severity = severity
    self.place = place
    self.message = message
    self.evidence = evidence
    self.remedy = remedy ?? rule.info.remedy
    self.tensors = tensors
    self.remaining = remaining
    self.facts = facts
  }
}

/// A place in the user's model or data.
public struct Place: Sendable, Hashable, CustomStringConvertible {
  /// What kind of place it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// A layer, by the user's name.
    case layer
    /// A parameter, by the framework's name.
    case parameter
    /// An input of the data.
    case input
    /// An output of the model.
    case output
    /// A target of the data.
    case target
    /// A loss.
    case loss
    /// The run as a whole.
    case run
  }

  /// What kind of place it is.
  public let kind: Kind
  /// The user's name for it.
  public let name: String
  /// The units, columns or rows that are meant; empty for all of it.
  public let units: [Int]
  /// What the user calls these columns, one name for each of the units; empty where nobody says.
  public let columns: [String]

  /// A place.
  public init(_ kind: Kind, _ name: String, units: [Int] = [], columns: [String] = []) {
    self.kind = kind
    self.name = name
    self.units = units
    self.columns = columns
  }

  /// As `name`, or `name[0, 2]` with units, or `name[age, income]` where columns have names.
  public var description: String {
    let held = columns.isEmpty ? units.map(String.init) : columns
    return held.isEmpty ? name : "\(name)[\(held.joined(separator: ", "))]"
  }
}

/// One number of the evidence.
public struct Measure: Sendable {
  /// A snake_case name.
  public let name: String
  /// The value: a number, a text or a list.
  public let value: JSONValue
  /// The unit; empty for a plain number.
  public let unit: String
  /// What it was compared with.
  public let threshold: Double?

  /// A measured number.
  public init(_ name: String, _ value: Double, unit: String = "", threshold: Double? = nil) {
    self.init(name, .number(value), unit: unit, threshold: threshold)
  }

  /// A count.
  public init(_ name: String, _ value: Int, unit: String = "", threshold: Double? = nil) {
    self.init(name, .int(value), unit: unit, threshold: threshold)
  }

  /// Any value.
  public init(_ name: String, _ value: JSONValue, unit: String = "", threshold: Double? = nil) {
    self.name = name
    self.value = value
    self.unit = unit
    self.threshold = threshold
  }
}
