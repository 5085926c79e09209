import Glibc
import Runs

/// Gradients that fade on their way to the first layers.
struct VanishingGradient: Rule {
  static let ratio = Threshold(
    "ratio", 1e-3, unit: "relative gradient of a layer / of a later one", "less is a warning")
  static let errorRatio = Threshold(
    "error-ratio", 1e-6, unit: "relative gradient of a layer / of a later one", "less is an error")

  static let info = RuleInfo(
    id: "vanishing-gradient", title: "A gradient that vanishes on the way back",
    severity: .warning, evidence: .heuristic,
    summary: """
      A layer's gradient, relative to its weights, is less than a thousandth of a later layer's, or \
      a step of it is too small to change a float32.
      """,
    rationale: """
      Every layer multiplies the gradient by its weights and slopes. Where these are small the first
      layers learn a thousand times slower than the last, which absolute limits cannot tell from a
      small loss, a large batch or a model that is fitted: only the ratio within one network can.
      Gradients that are exactly zero are left to zero-gradient. Adam and its kin divide by the
      gradient's own size, so that under them this is a note as long as it exceeds their epsilon.
      """,
    remedy: "Use ReLU-like activations, He or Glorot weights, normalization or residual paths.",
    source: "Glorot & Bengio (2010); Hochreiter (1991)",
    thresholds: [ratio, errorRatio], harmsLearning: true, link: .state,
    onset: .anywhere, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    guard let snapshot = exam.snapshots.first else {
      throw NotChecked("values of the replay are not finite")
    }
    let profile = exam.kernelGradients(at: snapshot)
    guard !profile.isEmpty else { throw NotChecked("no layer of weights has a gradient") }
    return (faded(profile, snapshot, exam) ?? lost(profile, snapshot, exam)).map { [$0] } ?? []
  }

  /// The kernel that is farthest behind one after it.
  private func faded(
    _ profile: [Examination.KernelGradient], _ snapshot: Examination.Snapshot, _ exam: Examination
  ) -> Finding? {
    guard profile.count > 1 else { return nil }
    var worst: (index: Int, later: Int, ratio: Double)?
    for index in profile.indices.dropLast() {
      let after = profile.indices.filter { later in
        later > index
          && SignalPath.feeds(
            profile[index].kernel.node, profile[later].kernel.node, exam.run.graph)
      }
      guard
        let later = after.max(by: { profile[$0].relative < profile[$1].relative })
      else { continue }
      let ratio = profile[index].relative / profile[later].relative
      if ratio < worst?.ratio ?? 1 { worst = (index, later, ratio) }
    }
    let limit = exam.value(Self.ratio, of: Self.self)
    guard let worst, worst.ratio < limit else { return nil }
    let early = profile[worst.index]
    let adapts = adapts(early, exam)
    let severity: Severity =
      adapts ? .note : worst.ratio < exam.value(Self.errorRatio, of: Self.self) ? .error : .warning
    return Finding(
      Self.self, severity, at: Place(.layer, early.kernel.node.layer),
      """
      Measured \(snapshot.text): relative to the weights the gradient here is \
      \(Wording.number(early.relative)), and \(Wording.number(profile[worst.later].relative)) at \
      \(profile[worst.later].kernel.node.layer): this layer learns \
      \(Wording.number(1 / worst.ratio)) times slower\
      \(adapts ? ", but for the optimizer, which evens that out" : "").
      """,
      evidence: [
        Measure("ratio", worst.ratio, unit: "of the later layer's", threshold: limit),
        GradientProfile.layers(profile), GradientProfile.relative(profile),
      ], tensors: tensors(early),
      facts: facts(
        early, Amount(worst.ratio, of: nil, "gradient as a share of a later layer's"), exam))
  }

  private func tensors(_ gradient: Examination.KernelGradient) -> [Int] {
    gradient.kernel.node.outputs + [gradient.kernel.parameter.tensor]
  }

  private func facts(
    _ gradient: Examination.KernelGradient, _ amount: Amount, _ exam: Examination
  ) -> Facts {
    Facts(
      amount: amount,
      descendants: SignalPath.descendants(of: tensors(gradient), exam.run.graph).sorted())
  }

  /// Whether the optimizer evens the size of this gradient out.
  private func adapts(_ gradient: Examination.KernelGradient, _ exam: Examination) -> Bool {
    guard let optimizer = exam.run.training.optimizer, optimizer.kind != "sgd" else { return false }
    let size = gradient.gradient / Double(max(1, gradient.count)).squareRoot()
    return size > 10 * (optimizer.numbers["eps"] ?? 1e-8)
  }

  /// A kernel whose step under gradient descent gets lost in the rounding of its weights.
  private func lost(
    _ profile: [Examination.KernelGradient], _ snapshot: Examination.Snapshot, _ exam: Examination
  ) -> Finding? {
    // A fitted model has small steps, too: only the start tells.
    guard snapshot.isStart, let optimizer = exam.run.training.optimizer, optimizer.kind == "sgd",
      let worst = profile.min(by: { $0.relative < $1.relative })
    else { return nil }
    let step = optimizer.learningRate * worst.relative
    let limit = pow(2.0, -24)
    guard step < limit, step > 0 else { return nil }
    return Finding(
      Self.self, .error, at: Place(.layer, worst.kernel.node.layer),
      """
      Measured \(snapshot.text): one step at learning rate \
      \(Wording.number(optimizer.learningRate)) is \(Wording.number(step)) of the weights' norm, \
      less than the \(Wording.number(limit)) that float32 can add to a number.
      """,
      evidence: [
        Measure("relative_step", step, unit: "of the weights' norm", threshold: limit),
        GradientProfile.layers(profile), GradientProfile.relative(profile),
      ], tensors: tensors(worst),
      facts: facts(worst, Amount(step, of: nil, "step as a share of the weights' norm"), exam))
  }
}

/// What both rules about gradients say of all layers.
enum GradientProfile {
  static func layers(_ profile: [Examination.KernelGradient]) -> Measure {
    Measure("layers", .strings(profile.map(\.kernel.node.layer)))
  }

  static func relative(_ profile: [Examination.KernelGradient]) -> Measure {
    Measure(
      "relative_gradients", .numbers(profile.map(\.relative)), unit: "gradient norm / weight norm")
  }
}

extension SignalPath {
  /// All tensors that depend on some tensors, these among them.
  static func descendants(of tensors: [Int], _ graph: Graph) -> Set<Int> {
    var result: Set<Int> = []
    var open = tensors
    while let next = open.popLast() {
      guard result.insert(next).inserted else { continue }
      for use in graph.consumers[next] { open += graph.nodes[use.node].outputs }
    }
    return result
  }

  /// Whether a node depends on another.
  static func feeds(_ a: Graph.Node, _ b: Graph.Node, _ graph: Graph) -> Bool {
    !descendants(of: a.outputs, graph).isDisjoint(with: b.outputs)
  }
}

extension VanishingGradient {
  private static func chain(
    _ net: inout RunBuilder, _ weights: [Float], activation: String?, optimizer: String? = nil
  ) {
    net.input([[1, 2], [-1, 0.5], [0.3, -2]])
    for (number, weight) in weights.enumerated() {
      net.dense("fc\(number + 1)", [[weight, weight / 2], [-weight / 3, weight]])
      if let activation { net.layer(activation) }
    }
    net.dense("head", [[0.5, 0.3]])
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    if let optimizer {
      net.training["optimizer"] = .object([
        "kind": .string(optimizer), "learning_rate": .number(0.01),
      ])
    }
  }

  private static let examples: [Example] = [
    .fires("sigmoids with small weights", at: ["fc1"]) {
      chain(&$0, [0.1, 0.02, 0.02, 0.05], activation: "Sigmoid")
    },
    .fires("under Adam: a note", at: ["fc1"]) {
      chain(&$0, [0.1, 0.02, 0.02, 0.05], activation: "Sigmoid", optimizer: "adam")
    },
    .fires("a step that float32 cannot hold", at: ["fc"]) { net in
      net.input([[1e-5], [2e-5], [3e-5]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.training["optimizer"] = .object([
        "kind": .string("sgd"), "learning_rate": .number(1e-4),
      ])
      net.training["epochs"] = .int(0)
    },
    .silent("weights of a sound size") {
      chain(&$0, [0.8, 0.9, 0.7, 0.9], activation: "Tanh")
    },
    .silent("a small gradient everywhere is no ratio") { net in
      net.input([[1], [2], [3]])
      net.dense("fc1", [[1]])
      net.dense("fc2", [[1]])
      net.loss("mse", shape: [3, 1], [1.00001, 2, 3])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
