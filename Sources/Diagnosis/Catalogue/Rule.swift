/// One fault that Defib can find: a pure function from measurements to findings. One file per rule
/// under `Rules/`; `devtool new-rule` writes a new one.
public protocol Rule: Sendable {
  /// Texts, thresholds, worked examples.
  static var info: RuleInfo { get }

  /// A rule without state.
  init()

  /// Looks for the fault.
  ///
  /// - Throws: `NotChecked` when what the rule needs is not there.
  func check(_ exam: Examination) throws(NotChecked) -> [Finding]
}

/// Where a fault stands in the chain from what somebody decided to what came of it. A consequence
/// that no row of `CauseTable` explains is explained by the faults of the same run.
public enum ChainLink: Sendable {
  /// True of the data or the settings, but no reason why a training learns nothing.
  case circumstance
  /// Something given, written or set that keeps a training from learning.
  case fault
  /// What weights, signals or gradients came to.
  case state
  /// What the user sees: outputs, losses, weights that stand still.
  case outcome
}

/// Why a rule could not be evaluated; the report lists it, since unchecked is not healthy.
public struct NotChecked: Error, Equatable {
  /// What was missing, as a sentence without a full stop.
  public let reason: String

  /// A reason.
  public init(_ reason: String) { self.reason = reason }
}

/// What is fixed about a rule.
public struct RuleInfo: Sendable {
  /// The kebab-case name of the fault.
  public let id: RuleID
  /// A few words for headings.
  public let title: String
  /// The severity of the plainest case.
  public let severity: Severity
  /// Whether a finding is proved on the data, or judged by experience.
  public let evidence: EvidenceKind
  /// One sentence: when it fires.
  public let summary: String
  /// Markdown: why it harms, how it is told from harmless look-alikes.
  public let rationale: String
  /// What the user should change.
  public let remedy: String
  /// Where the threshold or the argument comes from.
  public let source: String
  /// What can be set, with `--set ID.NAME=NUMBER`.
  public let thresholds: [Threshold]
  /// Whether the fault does harm only by keeping the training from learning: where the training
  /// learned all the same, an error becomes a warning and a warning a note.
  public let harmsLearning: Bool
  /// Where its findings stand in the chain of causes.
  public let link: ChainLink
  /// Where it is looked for at earlier moments of the training; nil for what is no state of a network.
  public let onset: Onset?
  /// Worked examples: some that fire, some that stay silent, some that cannot tell.
  public let examples: [Example]

  /// Where a fault is looked for at earlier moments of the training, to tell when it began.
  public enum Onset: Sendable {
    /// At the place where it is now.
    case samePlace
    /// Anywhere: it is one fault of the network, wherever it shows.
    case anywhere
  }

  /// The facts of a rule.
  public init(
    id: String, title: String, severity: Severity, evidence: EvidenceKind, summary: String,
    rationale: String, remedy: String, source: String, thresholds: [Threshold] = [],
    harmsLearning: Bool = false, link: ChainLink = .fault, onset: Onset? = nil,
    examples: [Example]
  ) {
    self.id = RuleID(id)
    self.title = title
    self.severity = severity
    self.evidence = evidence
    self.summary = summary
    self.rationale = rationale
    self.remedy = remedy
    self.source = source
    self.thresholds = thresholds
    self.harmsLearning = harmsLearning
    self.link = link
    self.onset = onset
    self.examples = examples
  }
}

/// How sure a rule can be.
public enum EvidenceKind: String, Sendable {
  /// Measured on all samples: the fault is there.
  case proof
  /// A sign that experience links with the fault.
  case heuristic
}

/// A number that a rule compares with, and that a user may set.
public struct Threshold: Sendable, Hashable {
  /// The kebab-case name, unique in its rule.
  public let name: String
  /// The default.
  public let value: Double
  /// The unit, such as "share of a layer's units".
  public let unit: String
  /// What happens beyond it.
  public let meaning: String

  /// A threshold with its default.
  public init(_ name: String, _ value: Double, unit: String, _ meaning: String) {
    self.name = name
    self.value = value
    self.unit = unit
    self.meaning = meaning
  }
}
