import Glibc
import Trials

/// A training that did something else than its settings say, and nothing that is known.
struct LoopMismatch: Rule {
  static let info = RuleInfo(
    id: "loop-mismatch", title: "The loop does something else than its settings",
    severity: .error, evidence: .proof,
    summary: """
      The training as it is set ends decisively better than the user's did, and no known fault of a \
      loop reproduces where that ended.
      """,
    rationale: """
      The same network, from the same start, on the same rows, with the same loss and optimizer, is
      trained again. Where that works and the user's training did not, the fault is not in what was
      handed over but in what the script does with it: another loss, other data, other parameters, a
      step that is missing or done twice. No advice about settings helps before that is found. The
      report says which loops were tried, and which came nearest.
      """,
    remedy: """
      Compare the script line by line with what was handed over: the data that it trains on, the loss \
      that it takes the gradient of, the parameters that the optimizer holds, and what happens between \
      two batches.
      """,
    source: "measured on re-created faults: docs/diagnosis.md", examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let comparison = try LoopComparison(exam)
    let trials = comparison.trials
    guard trials.explanation == .otherLoop else { return [] }
    let match = trials.match
    if let match, Self.hasRule(match.loop.kind) { return [] }
    if PrecisionRisk.explainsLoop(comparison, exam) { return [] }
    let tried = Wording.count(trials.others.count, "way") + " that a loop can go wrong"
    let reproduced =
      match.map { "\($0.loop.text.capitalizedFirst), \(comparison.reproduced($0))." }
      ?? "Of \(tried), none ends where yours did."
    return [
      Finding(
        Self.self,
        match == nil
          ? max(.warning, comparison.severity(trials.asSet).milder)
          : comparison.severity(trials.asSet),
        at: Place(.run, "training"),
        """
        The same training from the same start, with the settings handed over, does not end where \
        yours did: yours ended at \(comparison.ended), and played again \(comparison.cured). \
        \(reproduced)
        """,
        evidence: comparison.evidence(match ?? trials.others.first), remaining: trials.asSet.end,
        facts: Facts(reproducesEnd: match != nil))
    ]
  }

  /// Whether a rule of its own tells a kind of loop.
  private static func hasRule(_ kind: Loop.Kind) -> Bool {
    switch kind {
    case .accumulated, .clipped, .decayed, .partial: true
    case .asSet, .averaged, .unshuffled, .unscheduled, .unclipped, .scaled, .faster, .thawed,
      .unstopped, .complete:
      false
    }
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension LoopMismatch {
  private static let examples: [Example] = [
    .fires("steps away from the minimum", at: ["training"]) {
      LoopExample.line(&$0, rate: 0.005, steps: 60) { g, _ in -g }
    },
    .fires("steps that turn back on half the way", at: ["training"]) {
      LoopExample.line(&$0, rate: 0.02, steps: 60) { g, step in step < 30 ? g : -g }
    },
    .silent("weights in half precision, whose rounding may be it") {
      LoopExample.line(&$0, rate: 0.02, steps: 60) { g, step in step < 30 ? g : -g }
      $0.training["precision"] = .string("bfloat16")
    },
    .silent("steps along the gradient") {
      LoopExample.line(&$0, rate: 0.02, steps: 60) { g, _ in g }
    },
    .silent("a fault with a rule of its own") {
      LoopExample.line(&$0, rate: 0.05, steps: 100) { $0 * exp(-Double($1) / 5) }
    },
    .cannotTell("no optimizer is known") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1e-3]], initial: [[0]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
