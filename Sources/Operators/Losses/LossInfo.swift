/// What is fixed about a loss.
public struct LossInfo: Sendable {
  /// The kind in run.json.
  public let kind: String
  /// One sentence for docs/losses.md.
  public let summary: String
  /// The formula of a term.
  public let formula: String
  /// The settings beside those that every loss has.
  public let settings: [AttributeInfo]
  /// The setting that names a parameter of weights that are not trained; nil when it has none.
  public let weights: AttributeInfo?
  /// The setting that names a second tensor of the graph, which gets a gradient too.
  public let second: AttributeInfo?
  /// What the head must give.
  public let head: Head
  /// What the targets are.
  public let targets: Targets
  /// What the gradient check runs; at least one.
  public let samples: [LossSample]

  /// What a loss takes its prediction for.
  public enum Head: String, Sendable {
    /// Any number.
    case values
    /// Scores before a softmax or a sigmoid, or with a sign that decides.
    case logits
    /// Probabilities.
    case probabilities
    /// Logarithms of probabilities.
    case logProbabilities = "log-probabilities"
    /// What a script made of it: nobody says.
    case unknown
  }

  /// What a loss takes its targets for.
  public enum Targets: String, Sendable {
    /// Any number.
    case values
    /// Class indices, or one probability per class.
    case classes
    /// Probabilities of one event each.
    case probabilities
    /// One of two sides each: −1 or 1.
    case signs
    /// How often something happened.
    case counts
    /// Whole distributions, or their logarithms.
    case distributions
    /// What a script made of them: nobody says.
    case unknown
  }

  /// The facts of a loss.
  public init(
    kind: String, summary: String, formula: String, settings: [AttributeInfo] = [],
    weights: AttributeInfo? = nil, second: AttributeInfo? = nil, head: Head, targets: Targets,
    samples: [LossSample]
  ) {
    self.kind = kind
    self.summary = summary
    self.formula = formula
    self.settings = settings
    self.weights = weights
    self.second = second
    self.head = head
    self.targets = targets
    self.samples = samples
  }

  /// Everything that run.json may give, in the order of the docs.
  public var allSettings: [AttributeInfo] {
    settings + [weights, second].compactMap { $0 }
  }
}

extension AttributeInfo {
  /// The weights of the classes of a classification loss.
  static let classWeight = AttributeInfo(
    "class_weight", default: "none",
    "name of a parameter, not trainable, with one weight per class; a mean over class indices "
      + "divides by the weights of the true classes")

  /// Targets that do not count.
  static let ignoreIndex = AttributeInfo(
    "ignore_index", default: "none", "targets of this class do not count")
}
