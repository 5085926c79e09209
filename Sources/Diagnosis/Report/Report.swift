import Npy
import Runs
import Trials

/// The outcome of a check.
public struct Report: Sendable {
  /// A rule that could not be evaluated.
  public struct NotCheckedRule: Sendable, Equatable {
    /// Its id.
    public let rule: String
    /// What was missing.
    public let reason: String

    /// A rule and what it lacked.
    public init(rule: String, reason: String) { (self.rule, self.reason) = (rule, reason) }
  }

  /// What was examined.
  public struct Summary: Sendable {
    /// Rows of the data.
    public let samples: Int
    /// Numbers in all trainable parameters.
    public let parameters: Int
    /// Layers that have units.
    public let nodes: Int
    /// The loss of the run's average batch, after the training.
    public let loss: Double?
    /// The same before it, when those weights were exported.
    public let initialLoss: Double?
    /// Rows of the training's batches.
    public let batchSize: Int
    /// The framework and version that made the run; empty when it does not say.
    public let framework: String
    /// A hash of graph, weights and data.
    public let digest: String
    /// What a page calls the run; empty where nobody named it.
    public let name: String

    /// A summary of its parts.
    public init(
      samples: Int, parameters: Int, nodes: Int, loss: Double?, initialLoss: Double?,
      batchSize: Int, framework: String, digest: String, name: String = ""
    ) {
      (self.samples, self.parameters, self.nodes) = (samples, parameters, nodes)
      (self.loss, self.initialLoss, self.batchSize) = (loss, initialLoss, batchSize)
      (self.framework, self.digest, self.name) = (framework, digest, name)
    }
  }

  /// All findings: causes first, then by severity, rule and place.
  public private(set) var findings: [Finding]
  /// Ids of the findings of severity warning or error that no other explains, most damaging first.
  public private(set) var causes: [String]
  /// Ids of the rules that were evaluated.
  public let checked: [String]
  /// Rules that could not be evaluated.
  public let notChecked: [NotCheckedRule]
  /// What was examined.
  public let summary: Summary
  /// By place of a finding: the layer that it belongs to, where it belongs to one.
  public let layers: [Place: String]

  /// The network along the training; nil for a run without snapshots.
  public let timeline: Timeline?
  /// What a page draws; nil where a format kept none.
  public let plots: Plots?
  /// What the run is as a whole.
  public private(set) var verdict: Verdict
  /// How many known findings it does not tell.
  public private(set) var silenced = 0
  /// What to hand over so that learning can be judged, most important first; empty where it was.
  public private(set) var missing: [String]

  /// What the settings are to the end of the training; nil where it was not played again.
  public let loop: LoopStatement?
  /// What would cure the run; nil where nobody asked.
  public internal(set) var cure: CureStatement?
  /// The weights of a training that the cure was proved with; nil where none helps, and in a report that
  /// a format kept.
  public internal(set) var revived: Revived?

  /// Whether learning was judged, and there is neither error nor warning, known or not.
  public var isHealthy: Bool { verdict == .healthy && silenced == 0 }

  /// The worst severity; nil without findings.
  public var worst: Severity? { findings.map(\.severity).max() }

  /// The finding of an id.
  public func finding(_ id: String) -> Finding? { findings.first { $0.id == id } }

  /// Leaves out findings, and with the last error or warning the verdict that there are faults.
  mutating func keep(_ isKept: (Finding) -> Bool) {
    let rest = findings.filter(isKept)
    silenced += findings.count - rest.count
    findings = rest
    let ids = Set(rest.map(\.id))
    causes = causes.filter(ids.contains)
    for index in findings.indices { findings[index].causedBy.removeAll { !ids.contains($0) } }
    guard verdict == .faults, !rest.contains(where: \.isAlarm) else { return }
    (verdict, missing) = (missing.isEmpty ? .healthy : .couldNotTell, [])
  }

  /// Puts the findings in order by what their changes are worth in the cure.
  mutating func rank(by cure: CureStatement) {
    for index in findings.indices {
      findings[index].facts.worth = cure.worth(of: findings[index].rule.rawValue)
    }
    let linked = CauseGraph(linked: findings)
    (findings, causes) = (linked.findings, linked.causes)
  }

  /// A report of its parts, such as a format kept them.
  public init(
    findings: [Finding], causes: [String], checked: [String], notChecked: [NotCheckedRule],
    summary: Summary, layers: [Place: String], verdict: Verdict, missing: [String],
    timeline: Timeline? = nil, loop: LoopStatement? = nil, cure: CureStatement? = nil,
    plots: Plots? = nil, silenced: Int = 0
  ) {
    self.silenced = silenced
    self.findings = findings
    self.causes = causes
    self.checked = checked
    self.notChecked = notChecked
    self.summary = summary
    self.layers = layers
    self.verdict = verdict
    self.missing = missing
    self.timeline = timeline
    self.loop = loop
    self.cure = cure
    self.plots = plots
  }

  init(
    _ exam: Examination, findings: [Finding], causes: [String], checked: [String],
    notChecked: [NotCheckedRule]
  ) {
    self.findings = RemedyCode(exam).written(findings, causes)
    let words = RemedyWords(exam.run)
    for index in self.findings.indices {
      self.findings[index].remedy = words.spelled(self.findings[index])
    }
    self.causes = causes
    self.checked = checked
    self.notChecked = notChecked
    timeline = exam.timeline
    let run = exam.run
    let judgement = Judgement(exam)
    missing = judgement.missing
    loop = LoopStatement(exam)
    let isFaulty = findings.contains { $0.severity > .note }
    verdict = isFaulty ? .faults : judgement.isJudged ? .healthy : .couldNotTell
    layers = Self.layers(of: findings, in: run.graph)
    for index in self.findings.indices where self.findings[index].source == nil {
      self.findings[index].source = layers[self.findings[index].place].flatMap {
        run.graph.sources[$0]
      }
    }
    plots = Plots(exam, findings, layers: layers)
    // The mean of no samples is no number.
    let isMeasured = !run.losses.isEmpty && run.samples > 0
    summary = Summary(
      samples: run.samples,
      parameters: run.graph.parameters.reduce(0) { $0 + ($1.trainable ? $1.array.count : 0) },
      nodes: run.graph.nodes.count, loss: isMeasured ? exam.current.loss : nil,
      initialLoss: isMeasured ? exam.initial?.loss : nil, batchSize: run.batchSize,
      framework: [run.provenance["framework"], run.provenance["version"]].compactMap { $0 }
        .joined(separator: " "),
      digest: Self.digest(exam))
  }

  /// Names and values of everything that was replayed.
  private static func digest(_ exam: Examination) -> String {
    var hash: UInt64 = 0
    for node in exam.run.graph.nodes {
      hash = Digest.mix(hash, Digest.of("\(node.name)|\(node.op)|\(node.inputs)|\(node.outputs)"))
    }
    for parameter in exam.run.graph.parameters {
      hash = Digest.mix(hash, Digest.of(parameter.name))
      hash = Digest.mix(hash, Digest.of(exam.values(parameter)))
      if parameter.initial != nil {
        hash = Digest.mix(hash, Digest.of(exam.initialValues(parameter)))
      }
    }
    for moment in exam.timeline?.moments ?? [] where moment.when == .update {
      hash = Digest.mix(hash, Digest.mix(UInt64(moment.step ?? 0), moment.digest))
    }
    for name in exam.data.arrays.keys.sorted() {
      hash = Digest.mix(hash, Digest.of(name))
      hash = Digest.mix(hash, exam.data.arrays[name]?.digest ?? 0)
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
