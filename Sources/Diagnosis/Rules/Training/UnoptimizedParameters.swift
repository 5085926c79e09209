import Runs
import Trials

/// Trainable parameters that the optimizer was not given.
struct UnoptimizedParameters: Rule {
  static let poor = Threshold(
    "poor", 0.3, unit: "of the best constant prediction's loss",
    "where a training with frozen parameters left less, it did well without them")

  static let info = RuleInfo(
    id: "unoptimized-parameters", title: "Parameters that are not in the optimizer",
    severity: .error, evidence: .proof,
    summary: """
      Trainable parameters are missing in the optimizer that was handed over: all of them, or some \
      without which the training ends decisively worse.
      """,
    rationale: """
      An optimizer moves the parameters that it was made with. A layer that was added or replaced
      afterwards, a list of layers that the module does not know, or the optimizer of another model
      leaves parameters where they began, whatever their gradients say. It is an error when nothing
      of the model is in the optimizer, or when a trial with all of them does decisively better.
      A part that was left out on purpose and is not needed is a note. So it is said of parameters that
      stood still under gradients while the others moved, where the same training of the others alone
      ends where this one did. Parameters that are frozen (requires_grad = False) are left alone, unless
      the training learned little without them and, played again with them, learns a lot.
      """,
    remedy: """
      Make the optimizer after the model is complete, of model.parameters(); freeze what should stay \
      as it is (requires_grad = False).
      """,
    source: "PyTorch documentation, torch.optim: constructing an optimizer",
    thresholds: TrialComparison.thresholds + [poor], harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try missing(exam) + leftBehind(exam) + frozen(exam)
  }

  /// What the optimizer says that it lacks.
  private func missing(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard let optimizer = exam.run.training.optimizer else {
      throw NotChecked("the run does not say how it was optimized")
    }
    let trainable = exam.run.graph.parameters.filter { $0.trainable && $0.array.count > 0 }
    // What the model does not list has a finding of its own.
    let missing = trainable.filter { $0.isRegistered && optimizer.missing.contains($0.name) }
      .sorted { norm($0, exam) > norm($1, exam) }
    guard !missing.isEmpty else { return [] }
    let isAll = missing.count == trainable.count
    let moved = missing.filter { hasMoved($0, exam) }
    var text = """
      Proved: the optimizer holds \(isAll ? "none" : "\(trainable.count - missing.count)") of \
      \(Wording.count(trainable.count, "trainable parameter")), and no step moves \
      \(missing.count == 1 ? "this one" : "these \(missing.count)"). \
      \(missing.count == 1 ? "Its gradient has" : "Their gradients together have") norm \
      \(Wording.number(missing.reduce(0) { $0 + norm($1, exam) * norm($1, exam) }.squareRoot())).
      """
    let comparison = try? TrialComparison(exam, for: Self.self)
    let winner = comparison.flatMap { $0.winner($0.complete) }
    let loop = try? LoopComparison(exam)
    let lifted = loop?.trials.lifted(.complete)
    var evidence = [
      Measure("missing", .strings(missing.map(\.name))),
      Measure("gradient_norms", .numbers(missing.map { norm($0, exam) })),
      Measure("held", trainable.count - missing.count, unit: "trainable parameters"),
    ]
    var severity: Severity = isAll ? .error : comparison == nil ? .warning : .note
    if !moved.isEmpty {
      severity = .warning
      text += """
         Yet \(moved.count) of them moved in the training, which must have used another optimizer.
        """
    } else if let comparison, let winner {
      severity = isAll ? .error : comparison.severity(winner)
      text += """
         In trials on \(comparison.judges): \(comparison.outcome()); with them in the optimizer, \
        \(comparison.updates(winner)) updates leave \(comparison.left(winner)).
        """
      evidence += comparison.evidence(winner)
    } else if let loop, let lifted {
      severity = isAll ? .error : loop.severity(lifted)
      text += """
         With them in the optimizer, the same training ends at a loss of \(loop.loss(lifted)); yours \
        ended at \(loop.ended).
        """
      evidence += loop.evidence(lifted)
    } else if comparison != nil, !isAll {
      text +=
        " In trials with them in the optimizer, the training did not end decisively better."
    }
    var finding = Finding(
      Self.self, severity, at: Place(.parameter, missing[0].name), text, evidence: evidence,
      remedy: moved.isEmpty ? nil : "Hand over the optimizer that the training used.",
      tensors: missing.map(\.tensor),
      remaining: winner.flatMap { comparison?.remaining($0) } ?? lifted?.end,
      facts: Facts(stopsTraining: isAll && moved.isEmpty))
    finding.others = missing.dropFirst().map { Place(.parameter, $0.name) }
    return [finding]
  }

  private func norm(_ parameter: Graph.Parameter, _ exam: Examination) -> Double {
    let gradient = exam.current.parameterGradients[parameter.tensor] ?? []
    return gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private func hasMoved(_ parameter: Graph.Parameter, _ exam: Examination) -> Bool {
    let start = exam.initialValues(parameter)
    return !start.isEmpty && !start.elementsEqual(exam.values(parameter))
  }
}

extension UnoptimizedParameters {
  /// y = x₀ − 2·x₁ by two layers.
  private static func network(
    _ net: inout RunBuilder, missing: [String], frozen: Bool = false, head: [[Float]] = [[0, 0]],
    optimizer: Bool = true
  ) {
    let rows: [[Float]] = (0..<60).map { row in
      [Float((row * 7) % 11) / 5 - 1, Float((row * 5) % 13) / 6 - 1]
    }
    net.input(rows)
    let trunk: [[Float]] = [[1, 0], [0, 1]]
    net.parameter(
      "trunk.weight", shape: [2, 2], trunk.flatMap { $0 }, initial: trunk.flatMap { $0 },
      trainable: !frozen)
    net.layer("Gemm", "trunk", operands: ["trunk.weight"], attributes: ["transB": .int(1)])
    net.dense("head", head, initial: [[0.1, 0.1]])
    net.loss("mse", shape: [60, 1], rows.map { $0[0] - 2 * $0[1] })
    net.training["steps"] = .int(200)
    guard optimizer else { return }
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(0.1), "missing": .strings(missing),
    ])
  }

  /// y = x₀ − 2·x₁ by a trunk of one unit that stays as it is, and a head fitted behind it.
  private static func narrow(
    _ net: inout RunBuilder, frozen: Bool = false, trunk: [Float] = [1, 0]
  ) {
    let rows: [[Float]] = (0..<60).map { row in
      [Float((row * 7) % 11) / 5 - 1, Float((row * 5) % 13) / 6 - 1]
    }
    let targets = rows.map { $0[0] - 2 * $0[1] }
    let seen = rows.map { $0[0] * trunk[0] + $0[1] * trunk[1] }
    let count = Float(rows.count)
    let (meanX, meanY) = (seen.reduce(0, +) / count, targets.reduce(0, +) / count)
    let covariance = zip(seen, targets).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let slope = covariance / seen.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    net.input(rows)
    net.parameter(
      "trunk.weight", shape: [1, 2], trunk, initial: trunk, trainable: !frozen, frozen: frozen)
    net.layer("Gemm", "trunk", operands: ["trunk.weight"], attributes: ["transB": .int(1)])
    net.dense(
      "head", [[slope]], bias: [meanY - slope * meanX], initial: [[0.1]], initialBias: [0])
    net.loss("mse", shape: [60, 1], targets)
    net.training["steps"] = .int(200)
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(0.1),
    ])
  }

  private static let examples: [Example] = [
    .fires("the optimizer of another model", at: ["head.weight", "trunk.weight"]) {
      network(&$0, missing: ["trunk.weight", "head.weight"], head: [[0.1, 0.1]])
    },
    .fires("a head that was replaced afterwards", at: ["head.weight"]) {
      network(&$0, missing: ["head.weight"], head: [[0.1, 0.1]])
    },
    .fires("a trunk that needs no training: a note", at: ["trunk.weight"]) {
      network(&$0, missing: ["trunk.weight"], head: [[1, -2]])
    },
    .fires("a trunk that sees one of two columns, left behind by the steps", at: ["trunk.weight"]) {
      narrow(&$0)
    },
    .fires("such a trunk, frozen", at: ["trunk.weight"]) { narrow(&$0, frozen: true) },
    .silent("a frozen trunk that sees what there is") {
      narrow(&$0, frozen: true, trunk: [1, -2])
    },
    .silent("a trunk frozen on purpose") { network(&$0, missing: [], frozen: true) },
    .silent("all are there") { network(&$0, missing: []) },
    .cannotTell("no optimizer") { network(&$0, missing: [], optimizer: false) },
  ]
}
