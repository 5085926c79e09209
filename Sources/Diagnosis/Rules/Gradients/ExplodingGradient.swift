import Runs

/// Gradients that throw the weights about, or that grow on their way back.
struct ExplodingGradient: Rule {
  static let step = Threshold(
    "step", 0.1, unit: "of a kernel's norm", "one step of gradient descent by more is a warning")
  static let errorStep = Threshold(
    "error-step", 1, unit: "of a kernel's norm", "one step by more is an error")
  static let growth = Threshold(
    "growth", 100, unit: "relative gradient of a layer / of a later one", "more is a warning")

  static let info = RuleInfo(
    id: "exploding-gradient", title: "A gradient that explodes", severity: .warning,
    evidence: .heuristic,
    summary: """
      One step at the run's learning rate changes a hidden kernel by more than a tenth of its norm, \
      or a layer's relative gradient is more than 100 times that of a later one.
      """,
    rationale: """
      A hidden layer that one step moves by its own size forgets what it computed, and the layers
      after it with it. Heads are left out: a linear model may start anywhere and go far at first.
      So are adaptive optimizers, whose step does not grow with the gradient. The start of the
      training counts where its weights are known; where the loss has fallen below half since, the
      training has got over it, and it is a note.
      """,
    remedy: "Clip the gradient, lower the learning rate, or scale the inputs and targets.",
    source: "Pascanu, Mikolov & Bengio (2013), arXiv:1211.5063",
    thresholds: [step, errorStep, growth], harmsLearning: true, link: .state, onset: .anywhere,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    guard let snapshot = exam.snapshots.first else {
      throw NotChecked("values of the replay are not finite")
    }
    let profile = exam.kernelGradients(at: snapshot)
    guard !profile.isEmpty else { throw NotChecked("no layer of weights has a gradient") }
    return (thrown(profile, snapshot, exam) ?? grown(profile, snapshot, exam)).map { [$0] } ?? []
  }

  /// Whether the training went on well from a bad start.
  private func isOvercome(_ exam: Examination) -> Bool {
    guard let initial = exam.initial, exam.isFinite else { return false }
    return exam.current.loss < 0.5 * initial.loss
  }

  private func thrown(
    _ profile: [Examination.KernelGradient], _ snapshot: Examination.Snapshot, _ exam: Examination
  ) -> Finding? {
    guard let optimizer = exam.run.training.optimizer, optimizer.kind == "sgd" else { return nil }
    let hidden = profile.filter { entry in
      !entry.kernel.node.outputs.contains { exam.isHead($0) }
    }
    guard let worst = hidden.max(by: { $0.relative < $1.relative }) else { return nil }
    let step = optimizer.learningRate * worst.relative
    let limits = (
      exam.value(Self.step, of: Self.self), exam.value(Self.errorStep, of: Self.self)
    )
    guard step > limits.0 else { return nil }
    let severity: Severity = isOvercome(exam) ? .note : step > limits.1 ? .error : .warning
    return Finding(
      Self.self, severity, at: Place(.layer, worst.kernel.node.layer),
      """
      Measured \(snapshot.text): one step of gradient descent at learning rate \
      \(Wording.number(optimizer.learningRate)) moves these weights by \
      \(Wording.percent(step)) of their norm (gradient \(Wording.number(worst.gradient)), weights \
      \(Wording.number(worst.weights))).
      """,
      evidence: [
        Measure("relative_step", step, unit: "of the weights' norm", threshold: limits.0),
        Measure("gradient_norm", worst.gradient), Measure("weight_norm", worst.weights),
        GradientProfile.layers(profile), GradientProfile.relative(profile),
      ], tensors: worst.kernel.node.outputs + [worst.kernel.parameter.tensor],
      facts: Facts(amount: Amount(step, of: nil, "step as a share of the weights' norm")))
  }

  private func grown(
    _ profile: [Examination.KernelGradient], _ snapshot: Examination.Snapshot, _ exam: Examination
  ) -> Finding? {
    guard profile.count > 2, let first = profile.first, let last = profile.last else { return nil }
    let ratio = first.relative / last.relative
    let limit = exam.value(Self.growth, of: Self.self)
    guard ratio > limit,
      SignalPath.feeds(first.kernel.node, last.kernel.node, exam.run.graph)
    else { return nil }
    let adaptive = exam.run.training.optimizer.map { $0.kind != "sgd" } ?? false
    return Finding(
      Self.self, adaptive || isOvercome(exam) ? .note : .warning,
      at: Place(.layer, first.kernel.node.layer),
      """
      Measured \(snapshot.text): relative to the weights the gradient grows from \
      \(Wording.number(last.relative)) at \(last.kernel.node.layer) to \
      \(Wording.number(first.relative)) here, \(Wording.number(ratio)) times.
      """,
      evidence: [
        Measure("growth", ratio, unit: "of the last layer's", threshold: limit),
        GradientProfile.layers(profile), GradientProfile.relative(profile),
      ], tensors: first.kernel.node.outputs + [first.kernel.parameter.tensor],
      facts: Facts(amount: Amount(ratio, of: nil, "gradient as a multiple of the last layer's")))
  }
}

extension ExplodingGradient {
  private static func network(
    _ net: inout RunBuilder, _ rate: Double, targets: [Float], weights: [Float] = [0.5]
  ) {
    net.input([[1, 2], [-1, 0.5], [0.3, -2]])
    for (number, weight) in weights.enumerated() {
      net.dense("fc\(number + 1)", [[weight, weight / 2], [-weight / 3, weight]])
      net.layer("Tanh")
    }
    net.dense("head", [[0.5, 0.3]])
    net.loss("mse", shape: [3, 1], targets)
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(rate),
    ])
  }

  private static let examples: [Example] = [
    .fires("targets in the thousands", at: ["fc1"]) {
      network(&$0, 0.01, targets: [1000, 2000, -3000])
    },
    .fires("a gradient that grows layer by layer", at: ["fc1"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[0.01, 0.02], [-0.01, 0.01]])
      net.dense("fc2", [[30, 10], [-10, 30]])
      net.dense("fc3", [[30, 10], [-10, 30]])
      net.loss("mse", shape: [3, 2], [1, 2, 3, 4, 5, 6])
    },
    .silent("a small learning rate") { network(&$0, 1e-3, targets: [1, 2, 3]) },
    .silent("a linear model that goes far at first") { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc", [[0.01, 0.02]])
      net.loss("mse", shape: [3, 1], [10, 20, 30])
      net.training["optimizer"] = .object([
        "kind": .string("sgd"), "learning_rate": .number(0.1),
      ])
    },
    .silent("Adam's step does not grow with the gradient") { net in
      network(&net, 0.01, targets: [1000, 2000, -3000])
      net.training["optimizer"] = .object([
        "kind": .string("adam"), "learning_rate": .number(0.01),
      ])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
