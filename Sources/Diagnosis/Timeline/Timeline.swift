/// The state of the network at moments of the training, as the run's snapshots show it.
public struct Timeline: Sendable {
  /// Samples that were replayed at every moment.
  public let samples: Int
  /// The moments in their order: the start where its weights are known, the snapshots, the end.
  public let moments: [Moment]

  /// A timeline of its parts.
  public init(samples: Int, moments: [Moment]) {
    (self.samples, self.moments) = (samples, moments)
  }

  /// One moment.
  public struct Moment: Sendable {
    /// Which moments there are.
    public enum When: String, Sendable, CaseIterable {
      /// Before the training.
      case start
      /// After some of its updates.
      case update
      /// After it.
      case end
    }

    /// Which moment it is.
    public let when: When
    /// Updates before it; nil at an end of which nothing tells.
    public let step: Int?
    /// The epoch to which they lead, counted from 1; nil when nothing tells.
    public let epoch: Int?
    /// What was measured then.
    public let figures: Figures
    /// What the rules about the state of a network saw then.
    let states: [State]
    /// A hash of the weights.
    let digest: UInt64

    /// A moment.
    public init(when: When, step: Int?, epoch: Int?, figures: Figures) {
      self.init(when: when, step: step, epoch: epoch, figures: figures, states: [], digest: 0)
    }

    init(
      when: When, step: Int?, epoch: Int?, figures: Figures, states: [State], digest: UInt64
    ) {
      (self.when, self.step, self.epoch, self.figures) = (when, step, epoch, figures)
      (self.states, self.digest) = (states, digest)
    }
  }

  /// The figures of a moment.
  public struct Figures: Sendable, Equatable {
    /// The loss of the average batch, penalties included; nil without a loss.
    public let loss: Double?
    /// Rectified units that no sample switched on.
    public let deadUnits: Int
    /// All units of rectifiers.
    public let rectifiedUnits: Int
    /// The Euclidean norm of the gradient of all parameters; nil without a loss.
    public let gradientNorm: Double?
    /// The standard deviation of the first prediction between samples, over all of its units; nil when
    /// it does not depend on the data.
    public let outputSpread: Double?
    /// Whether every value of the replay was finite.
    public let isFinite: Bool

    /// Figures of a moment.
    public init(
      loss: Double?, deadUnits: Int, rectifiedUnits: Int, gradientNorm: Double?,
      outputSpread: Double?, isFinite: Bool
    ) {
      (self.loss, self.deadUnits, self.rectifiedUnits) = (loss, deadUnits, rectifiedUnits)
      (self.gradientNorm, self.outputSpread, self.isFinite) = (gradientNorm, outputSpread, isFinite)
    }
  }

  /// A finding as a rule would have made it at a moment, as far as dating needs it.
  struct State: Sendable {
    let rule: RuleID
    let place: String
    let severity: Severity
    let amount: Amount?

    init(_ finding: Finding) {
      (rule, place, severity) = (finding.rule, finding.place.name, finding.severity)
      amount = finding.facts.amount
    }
  }
}

/// How much of a fault there is, as it is followed along a training.
public struct Amount: Sendable, Equatable {
  /// How much.
  public let value: Double
  /// Of how many; nil for what is no count.
  public let total: Double?
  /// What it is of: behind a count, before any other number.
  public let name: String

  /// An amount of its parts.
  public init(_ value: Double, of total: Double?, _ name: String) {
    (self.value, self.total, self.name) = (value, total, name)
  }

  /// So many of all.
  init(_ count: Int, of total: Int, _ name: String) {
    self.init(Double(count), of: Double(total), name)
  }

  /// As `12 of 64 units dead`, or `norm 340`.
  var text: String {
    guard let total else { return "\(name) \(Wording.number(value))" }
    return "\(Wording.number(value)) of \(Wording.number(total)) \(name)"
  }
}
