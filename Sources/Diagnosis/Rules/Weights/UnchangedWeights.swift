import Runs

/// Parameters that the training has not moved.
struct UnchangedWeights: Rule {
  static let relativeChange = Threshold(
    "relative-change", 1e-6, unit: "of the initial norm", "a smaller change counts as none")

  static let info = RuleInfo(
    id: "unchanged-weights", title: "A parameter that training did not move", severity: .warning,
    evidence: .proof,
    summary: """
      A trainable parameter still equals its value from before the training; an error when all of \
      them do although there are gradients.
      """,
    rationale: """
      Every step of every optimizer moves a parameter that has a gradient. One that has not moved
      had none, was not given to the optimizer, or moved by less than float32 can hold. Where no
      parameter moved at all under gradients that are not zero, no step was ever taken, and nothing
      else can have had a part in what came of the training. Parameters marked as frozen are left
      out, and so is a run that says nothing of any training. If the recorded loss fell, or the loss
      is far below a constant's, weights did move: then those handed over as from before the training
      are the same tensors as those after it.
      """,
    remedy: "Give the parameter to the optimizer, or freeze it on purpose (requires_grad = False).",
    source: "Reasoned; float32 holds relative changes down to 6e-8",
    thresholds: [relativeChange], harmsLearning: true, link: .outcome, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let moves = try Movement(exam).all
    let limit = exam.value(Self.relativeChange, of: Self.self)
    let still = moves.filter {
      $0.change.isFinite && ($0.change <= limit * $0.norm || $0.change == 0)
    }
    let isPulled = { (one: Movement.Move) in (one.gradient ?? 0) > 0 }
    if still.count == moves.count, still.contains(where: isPulled) {
      if Movement.isAliased(exam) { throw Movement.aliased }
      return [nothing(still.filter(isPulled) + still.filter { !isPulled($0) }, exam)]
    }
    // What the optimizer does not hold has a finding of its own.
    let missing = Set(exam.run.training.optimizer?.missing ?? [])
    return still.filter { !missing.contains($0.parameter.name) }.map { finding($0, limit, exam) }
  }

  /// Nothing moved at all.
  private func nothing(_ still: [Movement.Move], _ exam: Examination) -> Finding {
    let norm = still.reduce(0) { $0 + ($1.gradient ?? 0) * ($1.gradient ?? 0) }.squareRoot()
    let isLost = Movement.isStepLost(exam)
    let places = still.map { Place(.parameter, $0.parameter.name) }
    let updates = exam.run.updates.map { " of \(Wording.count($0, "update"))" } ?? ""
    var finding = Finding(
      Self.self, .error, at: places.first ?? Place(.run, "weights"),
      """
      Proved: after the training\(updates) all \(Wording.count(places.count, "trainable parameter")) \
      equal\(places.count == 1 ? "s" : "") the start, although the gradient has norm \
      \(Wording.number(norm)). \
      \(isLost ? "A step at this learning rate is lost in the rounding of float32." : Self.never)
      """,
      evidence: [
        Measure("unchanged", places.count, unit: "parameters"), Measure("gradient_norm", norm),
        Measure("steps", exam.run.training.steps.map { .int($0) } ?? .null),
      ],
      remedy: isLost
        ? "Raise the learning rate until a step changes the weights."
        : """
        Call loss.backward() and optimizer.step() for every batch, with an optimizer made of this \
        model's parameters.
        """,
      tensors: still.map(\.parameter.tensor),
      // Where no step changed anything it is a fault; one parameter that stood still is an outcome.
      facts: Facts(link: .fault, stopsTraining: true))
    finding.others = Array(places.dropFirst())
    return finding
  }

  private static let never =
    "No step of an optimizer reached them (or the weights from before the training are no copy)."

  private func finding(_ still: Movement.Move, _ limit: Double, _ exam: Examination) -> Finding {
    let (parameter, change, norm) = (still.parameter, still.change, still.norm)
    return Finding(
      Self.self, .warning, at: Place(.parameter, parameter.name),
      """
      Proved: after the training its \(Wording.count(parameter.array.count, "value")) differ\
      \(parameter.array.count == 1 ? "s" : "") from the start by \(Wording.number(change)) in norm, \
      of \(Wording.number(norm)). The gradient there has norm \
      \(still.gradient.map(Wording.number) ?? "zero, since no loss depends on it").
      """,
      evidence: [
        Measure(
          "relative_change", norm > 0 ? change / norm : change, unit: "of the initial norm",
          threshold: limit),
        Measure("gradient_norm", still.gradient ?? 0),
        Measure("steps", exam.run.training.steps.map { .int($0) } ?? .null),
      ], tensors: [parameter.tensor])
  }
}

extension UnchangedWeights {
  private static let examples: [Example] = [
    .fires("one of two layers stood still", at: ["fc1.weight"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc1", [[0.5]], initial: [[0.5]])
      net.dense("fc2", [[0.4]], initial: [[0.3]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.training["epochs"] = .int(10)
    },
    .fires("nothing moved, under gradients: one finding", at: ["fc1.weight", "fc2.weight"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc1", [[0.5]], initial: [[0.5]])
      net.dense("fc2", [[0.4]], initial: [[0.4]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.record("loss", (0..<12).map { _ in 3 })
    },
    .silent("everything moved") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.4]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.training["epochs"] = .int(10)
    },
    .cannotTell("no initial weights") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .cannotTell("no copy was taken: the loss fell") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.record("loss", (0..<12).map { 5 / Float($0 + 1) })
    },
    .cannotTell("a fresh model, exported twice") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
  ]
}
