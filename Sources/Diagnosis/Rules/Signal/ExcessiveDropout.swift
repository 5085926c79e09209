import Replay
import Runs
import Trials

/// Dropout that leaves too little of the signal.
struct ExcessiveDropout: Rule {
  static let ratio = Threshold(
    "ratio", 0.5, unit: "share of the units dropped", "a larger share is a note")
  static let warnRatio = Threshold(
    "warn-ratio", 0.7, unit: "share of the units dropped", "a larger share is a warning")
  static let kept = Threshold(
    "kept", 4, unit: "units kept on average", "fewer, and more dropped than kept, is a warning")

  static let info = RuleInfo(
    id: "excessive-dropout", title: "Too much dropout", severity: .warning, evidence: .heuristic,
    summary: "A dropout drops more than half of its units, or stands on a prediction.",
    rationale: """
      Dropout at one half already has the largest variance that it can regularise with; beyond it
      the layer mostly loses capacity, and on a narrow layer whole batches may see nothing of it.
      On the prediction itself it replaces outputs by zeros, an error that no weight can take back.
      The replay runs without dropping, so that this judges the setting, not its effect.
      """,
    remedy: "Drop 0.1 to 0.5 of hidden units, less of inputs, and nothing of the output.",
    source: "Srivastava et al., Dropout, JMLR 15 (2014), section A.4",
    thresholds: [ratio, warnRatio, kept] + TrialComparison.thresholds, harmsLearning: true,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    var unknown = 0
    var findings: [Finding] = []
    for node in exam.run.graph.nodes where node.kind.states(.drops) {
      guard let ratio = ratio(node, exam) else {
        unknown += 1
        continue
      }
      if let found = finding(node, ratio, exam) { findings.append(found) }
    }
    if findings.isEmpty, unknown > 0 {
      throw NotChecked("\(Wording.count(unknown, "dropout")) of the graph does not say its ratio")
    }
    return findings
  }

  /// The share that a node drops; nil when the run does not say.
  private func ratio(_ node: Graph.Node, _ exam: Examination) -> Double? {
    guard node.inputs.count > 1, let tensor = node.inputs[1] else { return nil }
    return exam.plan.operands[tensor].constant?.first
  }

  private func finding(_ node: Graph.Node, _ ratio: Double, _ exam: Examination) -> Finding? {
    guard let output = node.outputs.first, ratio > 0 else { return nil }
    let units = UnitLayout(exam.plan.operands[output].shape, axis: exam.plan.unitAxes[output]).units
    let kept = Double(units) * (1 - ratio)
    let onHead = exam.run.losses.contains { exam.leads(output, to: $0.prediction) }
    let limits = (
      exam.value(Self.ratio, of: Self.self), exam.value(Self.warnRatio, of: Self.self),
      exam.value(Self.kept, of: Self.self)
    )
    guard onHead || ratio > limits.0 else { return nil }
    let isBad = onHead || ratio > limits.1 || kept < limits.2
    let reason =
      onHead
      ? "It stands on a prediction, so that the loss sees zeros in place of outputs."
      : "That leaves \(Wording.number(kept)) of them on average."
    let proof = proof(exam)
    return Finding(
      Self.self, proof?.severity ?? (isBad ? .warning : .note), at: Place(.layer, node.layer),
      """
      It drops \(Wording.percent(ratio)) of \(Wording.count(units, "unit")) in every step. \(reason)\
      \(proof.map { " " + $0.text } ?? "")
      """,
      evidence: [
        Measure("ratio", ratio, unit: "share of the units", threshold: limits.0),
        Measure("kept", kept, unit: "units on average", threshold: limits.2),
        Measure("on_prediction", .bool(onHead)),
      ], tensors: node.outputs, remaining: proof?.remaining)
  }

  /// What the trial of the training as it was set says, which runs without dropping.
  private func proof(_ exam: Examination) -> (severity: Severity, text: String, remaining: Double)?
  {
    guard let comparison = try? TrialComparison(exam, for: Self.self), comparison.isTrained,
      let same = comparison.asSet,
      comparison.wins(comparison.loss(same), over: comparison.ended)
    else { return nil }
    return (
      comparison.severity(same, over: comparison.ended),
      """
      In trials on \(comparison.judges): \(comparison.outcome()); without dropout, \
      \(comparison.updates(same)) updates leave \(comparison.left(same)).
      """, comparison.remaining(same)
    )
  }
}

extension ExcessiveDropout {
  private static func network(_ net: inout RunBuilder, _ ratio: Float?, last: Float? = nil) {
    net.input([[1, 2], [-1, 0.5], [0.3, -2]])
    net.dense("fc1", (0..<8).map { [Float($0) / 8, 1 - Float($0) / 5] })
    net.layer("Relu")
    if let ratio {
      net.parameter("ratio", shape: [], [ratio], trainable: false)
      net.layer("Dropout", "drop", operands: ["ratio"])
    } else {
      net.layer("Dropout", "drop")
    }
    net.dense("fc2", [(0..<8).map { 0.2 - Float($0) / 10 }])
    if let last {
      net.parameter("last", shape: [], [last], trainable: false)
      net.layer("Dropout", "end", operands: ["last"])
    }
    net.loss("mse", shape: [3, 1], [1, 2, 3])
  }

  private static let examples: [Example] = [
    .fires("nine of ten dropped", at: ["drop"]) { network(&$0, 0.9) },
    .fires("dropout on the prediction", at: ["end"]) { network(&$0, 0.2, last: 0.2) },
    .fires("a little more than half: a note", at: ["drop"]) { network(&$0, 0.51) },
    .silent("one half") { network(&$0, 0.5) },
    .silent("switched off") { network(&$0, 0, last: 0) },
    .silent("no dropout") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("no ratio") { network(&$0, nil) },
  ]
}
