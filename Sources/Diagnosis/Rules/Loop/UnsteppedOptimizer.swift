import Runs

/// A training whose updates never reached the parameters.
struct UnsteppedOptimizer: Rule {
  static let flat = Threshold(
    "flat", 1e-6, unit: "of the loss, over the whole history",
    "a recorded loss that moves less stands still; asked where the start is not known")
  static let due = Threshold(
    "due", 1e-4, unit: "of the loss",
    "what a single update should have taken off at least, where the start is not known")

  /// The fewest recorded losses that prove a standstill.
  private static let fewest = 5

  static let info = RuleInfo(
    id: "unstepped-optimizer", title: "No update ever reached the weights", severity: .error,
    evidence: .proof,
    summary: """
      No trainable parameter moved, although the run tells of updates, the gradient is not zero, the \
      optimizer holds the parameters, and a step at its learning rate would show.
      """,
    rationale: """
      Every step of every optimizer moves a parameter that has a gradient. Where not one value of one
      parameter changed, no step was taken: the backward pass or the step is never reached, gradients
      are cleared between the two, or the optimizer holds the parameters of another model. Nothing
      else can have had a part in what came of such a training, so that this leads. Steps that are
      lost in the rounding of float32, a learning rate of zero, and parameters that the optimizer
      lacks have findings of their own. If the weights from before the training were not handed over,
      the recorded loss proves the same: it stands still to the last digit, and one update should
      have moved it.
      """,
    remedy: """
      Call loss.backward() and then optimizer.step() for every batch, zero_grad() before them and not \
      between them, with an optimizer made of this model's parameters.
      """,
    source: "Reasoned; PyTorch documentation, torch.optim: taking an optimization step",
    thresholds: [flat, due], harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    let optimizer = exam.run.training.optimizer
    if let optimizer, !(optimizer.learningRate > 0) || Movement.isStepLost(exam) { return [] }
    let missing = Set(optimizer?.missing ?? [])
    guard exam.initialWeights != nil else { return try byHistory(exam, missing) }
    let moves = try Movement(exam).all
    guard moves.allSatisfy({ $0.change == 0 }) else { return [] }
    if Movement.isAliased(exam) { throw Movement.aliased }
    let pulled = moves.filter {
      ($0.gradient ?? 0) > 0 && $0.parameter.isRegistered && !missing.contains($0.parameter.name)
    }
    guard !pulled.isEmpty else { return [] }
    return [
      finding(
        pulled.map { ($0.parameter, $0.gradient ?? 0) },
        "no parameter moved\(Self.updates(exam))", [], exam)
    ]
  }

  /// The same where only the recorded loss tells it.
  private func byHistory(
    _ exam: Examination, _ missing: Set<String>
  ) throws(NotChecked) -> [Finding] {
    guard let losses = exam.series["loss"], losses.count >= Self.fewest, let first = losses.first
    else {
      throw NotChecked(
        "neither the weights before the training nor \(Self.fewest) recorded losses are there")
    }
    guard let gain = Movement.firstGain(exam) else {
      throw NotChecked("neither the weights before the training nor the optimizer are there")
    }
    let flat = exam.value(Self.flat, of: Self.self) * abs(first)
    guard first.isFinite, losses.allSatisfy({ abs($0 - first) <= flat }),
      abs(exam.current.loss - first) <= max(flat, 1e-5 * abs(first)),
      gain >= exam.value(Self.due, of: Self.self) * abs(first)
    else { return [] }
    let pulled = exam.run.graph.parameters.filter {
      $0.trainable && $0.isRegistered && !missing.contains($0.name)
    }.compactMap { parameter in
      Movement.gradientNorm(parameter, exam).map { (parameter, $0) }
    }.filter { $0.1 > 0 }
    guard !pulled.isEmpty else { return [] }
    return [
      finding(
        pulled,
        """
        no parameter moved\(Self.updates(exam)): the loss stood at \(Wording.number(first)), where \
        one update should have taken off \(Wording.number(gain))
        """,
        [Measure("expected_gain", gain, unit: "of the loss, per update")], exam)
    ]
  }

  private static func updates(_ exam: Examination) -> String {
    exam.run.updates.map { $0 > 0 ? " in \(Wording.count($0, "update"))" : "" } ?? ""
  }

  private func finding(
    _ pulled: [(parameter: Graph.Parameter, gradient: Double)], _ what: String,
    _ evidence: [Measure], _ exam: Examination
  ) -> Finding {
    let norm = pulled.reduce(0) { $0 + $1.gradient * $1.gradient }.squareRoot()
    let places = pulled.map { Place(.parameter, $0.parameter.name) }
    var finding = Finding(
      Self.self, .error, at: places.first ?? Place(.run, "weights"),
      """
      Proved: \(what), although the gradient has norm \(Wording.number(norm)). `loss.backward()` or \
      `optimizer.step()` is never reached, gradients are cleared between the two, or the optimizer \
      holds another model's parameters.
      """,
      evidence: [
        Measure("unmoved", pulled.count, unit: "parameters"), Measure("gradient_norm", norm),
        Measure("updates", exam.run.updates.map { .int($0) } ?? .null),
      ] + evidence, tensors: pulled.map(\.parameter.tensor), facts: Facts(stopsTraining: true))
    finding.others = Array(places.dropFirst())
    return finding
  }
}

extension UnsteppedOptimizer {
  /// A line that should become y = x.
  private static func line(
    _ net: inout RunBuilder, moved: Bool = false, rate: Double? = 0.1, missing: Bool = false,
    losses: [Float]? = nil, start: Bool = true
  ) {
    net.input([[1], [2], [3]])
    net.dense("fc", [[0.5]], initial: start ? [[moved ? 0.4 : 0.5]] : nil)
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    net.record("loss", losses ?? (0..<12).map { _ in 14 / 12 })
    guard let rate else { return }
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(rate),
      "missing": .strings(missing ? ["fc.weight"] : []),
    ])
  }

  private static let examples: [Example] = [
    .fires("nothing moved in twelve epochs", at: ["fc.weight"]) { line(&$0) },
    .fires("whatever the optimizer was", at: ["fc.weight"]) { line(&$0, rate: nil) },
    .fires("the start is not known, and the loss stands still", at: ["fc.weight"]) {
      line(&$0, start: false)
    },
    .silent("everything moved") { line(&$0, moved: true) },
    .silent("a step is lost in the rounding of float32") { line(&$0, rate: 1e-12) },
    .silent("a learning rate of zero") { line(&$0, rate: 0) },
    .silent("the optimizer does not hold the weights") { line(&$0, missing: true) },
    .silent("the start is not known, and the loss moves") {
      line(&$0, losses: (0..<12).map { 14 / 12 + Float($0) / 1000 }, start: false)
    },
    .silent("the start is not known, and one update does next to nothing") {
      line(&$0, rate: 1e-9, start: false)
    },
    .silent("no copy was taken: the loss fell") {
      line(&$0, losses: (0..<12).map { 14 / Float($0 + 1) })
    },
    .cannotTell("nothing says that it was trained") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
  ]
}
