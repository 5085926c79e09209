import Runs
import Trials

/// Parameters that went where the gradient of the loss does not lead.
struct WrongGradients: Rule {
  static let cosine = Threshold(
    "cosine", 0.3, unit: "cosine with the replayed move",
    "a parameter whose move has a larger one went its way")
  static let agreement = Threshold(
    "agreement", 0.9, unit: "cosine between two replays",
    "where replays agree less, no direction is right")
  static let length = Threshold(
    "length", 0.3, unit: "of the length of the replayed move",
    "a shorter move only stopped early, and its way is that of the first updates")
  static let left = Threshold(
    "left", 0.5, unit: "of the training's loss", "the most that every replay must leave")
  static let gain = Threshold(
    "gain", 0.1, unit: "of the best constant prediction's loss",
    "what every replay must gain over the training")

  static let info = RuleInfo(
    id: "wrong-gradients", title: "Weights that moved where the loss does not lead",
    severity: .error, evidence: .heuristic,
    summary: """
      From the same start, with the same settings, replays of the training agree on where a parameter \
      goes and end decisively better, while the training moved it elsewhere.
      """,
    rationale: """
      The training is done again three times, with all its rows and updates, in other orders or
      from weights a hundredth beside its own. Where these replays agree on the way of a
      parameter, that way is the gradient's. A training that took another one had other
      gradients: a backward pass written by hand with a sign, a transpose, a sum or the
      derivative of an activation missing, or another loss than the one that was handed over.
      Where the replays disagree among themselves, where they end no better, where a parameter
      hardly got anywhere, or where more updates were done than such a comparison bears, the
      rule is silent; so it is for parameters that did not move at all.
      """,
    remedy: """
      Compare the gradient of each parameter with a finite difference: (loss(w + h) − loss(w − h)) / 2h. \
      Look for a missing transpose, sum, sign, factor 1/N or derivative of an activation.
      """,
    source: "Karpathy, CS231n: gradient checks",
    thresholds: [cosine, agreement, length, left, gain], harmsLearning: true, examples: examples)

  private static let derives = ["pytorch", "keras", "scikit-learn"]

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    // Gradients that a framework derives are right: there, it is the loop that does something else.
    guard !Self.derives.contains(exam.run.provenance["framework"] ?? "") else { return [] }
    let trials = try LoopComparison(exam).trials
    // Where a loop is known that ends where the training did, it is told by name.
    guard trials.explanation == .otherLoop, trials.match == nil,
      let reached = trials.asSet.ends.max()
    else { return [] }
    let ended = trials.ended
    guard reached <= exam.value(Self.left, of: Self.self) * ended,
      min(ended, 1) - reached >= exam.value(Self.gain, of: Self.self)
    else { return [] }
    let sure = trials.moves.filter {
      $0.agreement >= exam.value(Self.agreement, of: Self.self)
        && $0.ratio >= exam.value(Self.length, of: Self.self)
    }
    let strays = sure.filter { $0.cosine <= exam.value(Self.cosine, of: Self.self) }
      .sorted { ($0.cosine, $0.tensor) < ($1.cosine, $1.tensor) }
    guard let worst = strays.first else { return [] }
    let others = sure.count - strays.count
    var finding = Finding(
      Self.self, .error, at: Place(.parameter, worst.parameter),
      """
      In \(Wording.count(trials.updates.all, "update")) it moved where the gradient of the loss does not \
      lead: the cosine with \(trials.asSet.ends.count) replays of the training is \
      \(Wording.number(worst.cosine)), and that between the replays \
      \(Wording.number(worst.agreement)) or more. The training left \
      \(Wording.loss(ended, of: exam.constantPrediction)), and every replay \(Wording.percent(reached)) at most\
      \(others > 0 ? "; \(Wording.count(others, "other parameter")) went the right way" : "").
      """,
      evidence: [
        Measure("parameters", .strings(strays.map(\.parameter))),
        Measure("cosines", .numbers(strays.map(\.cosine)), unit: "with the nearest replay"),
        Measure("agreements", .numbers(strays.map(\.agreement)), unit: "between replays"),
        Measure("ratios", .numbers(strays.map(\.ratio)), unit: "of the norms of the moves"),
        Measure("updates", trials.updates.all),
        Measure("relative_loss", ended, unit: "of the best constant prediction's loss"),
        Measure("replayed_loss", reached, unit: "of the best constant prediction's loss"),
      ], tensors: strays.map(\.tensor), remaining: reached)
    finding.others = strays.dropFirst().map { Place(.parameter, $0.parameter) }
    return [finding]
  }
}

extension WrongGradients {
  /// y = 2·x₀ − x₁ + 0.5 from zero, by weights that some loop ended with.
  private static func plane(
    _ net: inout RunBuilder, _ slopes: [Float], _ bias: Float, steps: Int = 100,
    start: Bool = true
  ) {
    let x: [[Float]] = (0..<60).map { row -> [Float] in
      [Float((row * 7) % 11) / 5 - 1, Float((row * 5) % 13) / 6 - 1]
    }
    net.input(x)
    net.dense(
      "fc", [slopes], bias: [bias], initial: start ? [[0.1, 0.1]] : nil,
      initialBias: start ? [0] : nil)
    net.loss("mse", shape: [60, 1], x.map { row -> Float in 2 * row[0] - row[1] + 0.5 })
    net.training["steps"] = .int(steps)
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(0.1),
    ])
  }

  private static let examples: [Example] = [
    .fires("slopes that climb, and a bias that descends", at: ["fc.weight"]) {
      plane(&$0, [-0.9, 0.7], 0.5)
    },
    .fires("columns that were swapped", at: ["fc.weight"]) { plane(&$0, [-1, 2], 0.5) },
    .silent("gradients that a framework derives") {
      plane(&$0, [-0.9, 0.7], 0.5)
      $0.provenance = ["framework": "pytorch"]
    },
    .silent("the way of the gradient, only not far enough") { plane(&$0, [1, -0.5], 0.3) },
    .silent("where the training should end") { plane(&$0, [2, -1], 0.5) },
    .silent("a way that ended early: clipped, or at a rate that ran out") {
      plane(&$0, [0.2, 0.2], -0.02)
    },
    .cannotTell("the start is not known") { plane(&$0, [-0.4, 0.4], 0.5, start: false) },
    .cannotTell("more updates than such a comparison bears") {
      plane(&$0, [-0.4, 0.4], 0.5, steps: 100_000)
    },
  ]
}
