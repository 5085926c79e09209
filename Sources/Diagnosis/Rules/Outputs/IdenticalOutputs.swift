import Replay
import Runs

/// The model says the same of every sample.
struct IdenticalOutputs: Rule {
  static let errorRange = Threshold(
    "error-range", 1e-6, unit: "of the target's range", "up to it outputs count as identical")
  static let warnRange = Threshold(
    "warn-range", 0.01, unit: "of the target's range", "up to it they are nearly identical")

  static let info = RuleInfo(
    id: "identical-outputs", title: "The same output for every input", severity: .error,
    evidence: .proof,
    summary: "The range of an output over all samples is at most a millionth of the target's.",
    rationale: """
      A model whose output does not depend on its input has learned one number. Under squared error
      that number tends to the mean of the targets, which makes the loss look as if it had
      converged. The range is compared with that of the targets, so that neither small units nor
      small data raise an alarm; class labels count as a range of 1.
      """,
    remedy: """
      Scale the inputs, draw the weights anew (He or Glorot initialisation), and train at a tenth of \
      the learning rate.
      """,
    source: "Zhang et al., AUTOTRAINER, unchanged outputs (2021)",
    thresholds: [errorRange, warnRange], link: .outcome, onset: .samePlace,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireFinite()
    try exam.requireSamples()
    let compared = exam.run.losses.map { ($0.prediction, Optional($0)) }
    let tensors = compared.isEmpty ? exam.run.graph.outputs.map { ($0, nil) } : compared
    var findings: [Finding] = []
    for (tensor, term) in tensors {
      guard let moments = exam.current.activations[tensor], moments.units > 0 else { continue }
      let target = targetRange(term, exam)
      guard target != 0 else { continue }
      if let found = finding(tensor, moments, term, target ?? 0, exam) { findings.append(found) }
    }
    return findings
  }

  /// The largest range of a target column; 1 for class labels; nil without a target.
  private func targetRange(_ term: Run.LossTerm?, _ exam: Examination) -> Double? {
    guard let term else { return nil }
    guard type(of: term.loss).info.targets == .values else { return 1 }
    return exam.data.arrays[term.target]?.largestRange
  }

  private func finding(
    _ tensor: Int, _ moments: UnitMoments, _ term: Run.LossTerm?, _ target: Double,
    _ exam: Examination
  ) -> Finding? {
    let ranges = (0..<moments.units).map {
      Double(moments.maximum[$0]) - Double(moments.minimum[$0])
    }
    let range = ranges.max() ?? 0
    let error = exam.value(Self.errorRange, of: Self.self) * target
    let warn = exam.value(Self.warnRange, of: Self.self) * target
    var severity: Severity = range <= error ? .error : range <= warn ? .warning : .note
    guard severity > .note else { return nil }
    if exam.isTrained == false { severity = .note }
    let values = (0..<min(8, moments.units)).map { moments.mean[$0] }
    var message =
      range == 0
      ? "Proved on \(exam.current.samples) samples: every one of them gets the same output, "
        + "\(values.map(Wording.number).joined(separator: ", "))."
      : "On \(exam.current.samples) samples the output stays within "
        + "\(Wording.number(range))"
        + (target > 0
          ? ", while the targets span \(Wording.number(target))." : " of the same value.")
    var evidence = [
      Measure("output_range", range, unit: "output", threshold: error),
      Measure("target_range", target, unit: "target"),
      Measure("value", .numbers(values), unit: "mean of each output"),
    ]
    if let mean = meanOfTarget(term, moments, exam), target > 0 {
      let near = abs(mean - moments.mean[0]) <= 0.01 * target
      if near { message += " That is the mean of the targets, \(Wording.number(mean))." }
      evidence.append(Measure("target_mean", mean, unit: "target"))
    }
    return Finding(
      Self.self, severity, at: Place(.output, exam.run.graph.layer(of: tensor)), message,
      evidence: evidence, tensors: [tensor],
      facts: Facts(
        amount: Amount(range, of: nil, "range of the output"),
        collapses: SignalPath.collapses(before: tensor, exam)))
  }

  private func meanOfTarget(
    _ term: Run.LossTerm?, _ moments: UnitMoments, _ exam: Examination
  ) -> Double? {
    guard let term, type(of: term.loss).info.targets == .values, moments.units == 1,
      let target = exam.data.arrays[term.target], target.columns.units == 1
    else { return nil }
    return target.columns.mean[0]
  }
}

extension IdenticalOutputs {
  private static let examples: [Example] = [
    .fires("a dead layer leaves the bias", at: ["fc2"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[1, 1], [0.5, -1]], bias: [-10, -10])
      net.layer("Relu")
      net.dense("fc2", [[1, 1]], bias: [2])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("outputs of a millionth for targets of a millionth") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[1e-6]])
      net.loss("mse", shape: [3, 1], [1e-6, 2e-6, 3e-6])
    },
    .silent("a constant target wants a constant output") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0]], bias: [5])
      net.loss("mse", shape: [3, 1], [5, 5, 5])
    },
    .cannotTell("one sample only") { net in
      net.input([[1]])
      net.dense("fc", [[0]])
      net.loss("mse", shape: [1, 1], [5])
    },
  ]
}
