import Trials

/// Rectified units that no sample ever switches on.
struct DeadUnits: Rule {
  static let warnShare = Threshold(
    "warn-share", 0.1, unit: "share of a layer's units", "beyond it dead units are a warning")
  static let errorShare = Threshold(
    "error-share", 0.5, unit: "share of a layer's units", "beyond it they are an error")

  static let info = RuleInfo(
    id: "dead-units", title: "Units that never fire", severity: .error, evidence: .proof,
    summary: "The largest pre-activation of a rectified unit over all samples is 0 or less.",
    rationale: """
      Where a rectifier's input is not positive, its output and its slope are both zero. A unit for
      which that holds on every sample adds nothing to the output and gets no gradient, so that no
      step of any optimizer can bring it back. This is told from sparsity, which is healthy: a unit
      that fires on one sample in a thousand still learns from that one. A few dead units are
      common in wide layers and cost little; a layer that is mostly dead carries little signal,
      and one that is wholly dead makes every output the same. Where trials from fresh weights, drawn by a
      sound scheme, do no better, they are not what kept it from learning: the finding is one step milder,
      and a note if the units were dead before the training already.
      """,
    remedy: """
      Start again with a smaller learning rate or scaled inputs, set the biases to zero or slightly \
      above, use He initialisation, or a LeakyReLU, whose slope is nowhere zero.
      """,
    source: "Lu et al., Dying ReLU and Initialization (2019), arXiv:1903.06733",
    thresholds: [warnShare, errorShare] + TrialComparison.thresholds, harmsLearning: true,
    onset: .samePlace,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireFinite()
    try exam.requireSamples()
    return exam.activationLayers.compactMap { layer in
      let dead = layer.dead
      return dead.isEmpty ? nil : finding(layer, dead, exam)
    }
  }

  private func finding(
    _ layer: Examination.ActivationLayer, _ dead: [Int], _ exam: Examination
  ) -> Finding {
    let units = layer.moments.units
    let share = Double(dead.count) / Double(units)
    let (warn, error) = (
      exam.value(Self.warnShare, of: Self.self), exam.value(Self.errorShare, of: Self.self)
    )
    let margins = dead.map { -Double(layer.moments.maximum[$0]) }
    let (nearest, farthest) = (margins.min() ?? 0, margins.max() ?? 0)
    let reason = reason(layer, dead, exam)
    let isIdle = share < 1 && freshIsNoBetter(exam)
    let isNoNews = isIdle && wereDead(dead, layer.input, exam)
    let usual: Severity = share > error ? .error : share > warn ? .warning : .note
    let severity = isNoNews ? .note : isIdle ? usual.milder : usual
    return Finding(
      // Before the training, layers below may still move and wake units that a few samples miss.
      Self.self, exam.isTrained == false && share < 1 ? severity.milder : severity,
      at: Place(.layer, layer.node.layer, units: dead),
      """
      Proved on \(exam.current.samples) samples: \(dead.count) of \(Wording.count(units, "unit")) \
      never fire\(dead.count == units ? "" : " (\(Wording.indices(dead)))"). Their largest \
      pre-activations lie \(Wording.number(nearest))\
      \(farthest > nearest ? " to \(Wording.number(farthest))" : "") below zero\(reason.text).\
      \(isNoNews ? Self.noNews : isIdle && usual > .note ? Self.idle : "")
      """,
      evidence: [
        Measure("units", .ints(dead)),
        Measure("share", share, unit: "share of the layer's units", threshold: warn),
        Measure("margin_to_revival", .numbers(margins), unit: "pre-activation"),
        Measure("samples", exam.current.samples),
      ] + reason.evidence,
      tensors: [layer.input] + layer.node.outputs, facts: facts(layer, dead, reason.isByBias, exam))
  }

  /// What explains units that never fire: what collapses before them, what they are given, and whether
  /// they were dead before the training.
  private func facts(
    _ layer: Examination.ActivationLayer, _ dead: [Int], _ isByBias: Bool, _ exam: Examination
  ) -> Facts {
    Facts(
      amount: Amount(dead.count, of: layer.moments.units, "units dead"),
      wasThereAtStart: wereDead(dead, layer.input, exam), isByBias: isByBias,
      collapses: SignalPath.collapses(before: layer.input, exam).filter { $0 != layer.input },
      inputs: exam.directInputs(of: layer.input), layer: exam.layer(before: layer.input))
  }

  /// Whether nearly all of the units were dead before the training.
  private func wereDead(_ dead: [Int], _ input: Int, _ exam: Examination) -> Bool {
    guard let moments = exam.initial?.activations[input] else { return exam.isTrained == false }
    let before = dead.filter {
      moments.maximum.indices.contains($0) && moments.maximum[$0] <= 0
    }
    return 5 * before.count >= 4 * dead.count
  }

  private static let noNews =
    " They were dead before the training, and from fresh weights it ends no better."
  private static let idle = " From fresh weights, whose units fire, the training ends no better."

  /// Whether trials from fresh weights, with the training's own rate, do no better.
  private func freshIsNoBetter(_ exam: Examination) -> Bool {
    guard !exam.isMoment, exam.initial != nil, exam.isTrained != false,
      let comparison = try? TrialComparison(exam, for: Self.self), comparison.isTrained
    else { return false }
    let fresh = comparison.fresh.filter { $0.changes.rate == 1 }
    return !fresh.isEmpty && comparison.winner(fresh) == nil
  }

  /// Whether the biases alone keep the units down: without them some sample would switch them on.
  private func reason(
    _ layer: Examination.ActivationLayer, _ dead: [Int], _ exam: Examination
  ) -> (text: String, evidence: [Measure], isByBias: Bool) {
    guard let bias = bias(before: layer.input, exam), bias.count == layer.moments.units else {
      return ("", [], false)
    }
    let blamed = dead.filter { layer.moments.maximum[$0] - bias[$0] > 0 }
    guard !blamed.isEmpty else { return ("", [], false) }
    let values = dead.map { Double(bias[$0]) }
    let text =
      blamed.count == dead.count
      ? "; without their biases (\(Wording.number(values.min() ?? 0)) at the lowest) all would fire"
      : "; without their biases \(blamed.count) of them would fire"
    let evidence = [Measure("bias", .numbers(values)), Measure("dead_by_bias", .ints(blamed))]
    return (text, evidence, true)
  }

  private func bias(before tensor: Int, _ exam: Examination) -> UnsafeBufferPointer<Float>? {
    guard let index = exam.run.graph.producer[tensor] else { return nil }
    for case let input? in exam.run.graph.nodes[index].inputs {
      if exam.plan.roles[input]?.kind == .bias, let found = exam.run.graph.parameter(at: input) {
        return exam.values(found)
      }
    }
    return nil
  }
}

extension DeadUnits {
  private static let examples: [Example] = [
    .fires("biases far below zero", at: ["relu1[0, 1]"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[1, 1], [0.5, -1]], bias: [-10, -10])
      net.layer("Relu")
      net.dense("fc2", [[1, 1]], bias: [0])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .fires("one unit of three, by its weights alone", at: ["relu1[1]"]) { net in
      net.input([[1, 2], [3, 0.5], [0.3, 2]])
      net.dense("fc1", [[1, -1], [-1, -1], [1, 1]])
      net.layer("Relu")
      net.dense("fc2", [[1, 1, 1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("each unit fires on one sample") { net in
      net.input([[1, 0], [0, 1], [-1, -1]])
      net.dense("fc1", [[1, 0], [0, 1]])
      net.layer("Relu")
      net.dense("fc2", [[1, 1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("a leaky rectifier cannot die") { net in
      net.input([[1, 0], [0, 1], [-1, -1]])
      net.dense("fc1", [[1, 0], [0, 1]], bias: [-10, -10])
      net.layer("LeakyRelu")
      net.dense("fc2", [[1, 1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .cannotTell("one sample only") { net in
      net.input([[1, 0]])
      net.dense("fc1", [[1, 0], [0, 1]], bias: [-10, -10])
      net.layer("Relu")
      net.loss("mse", shape: [1, 2], [1, 2])
    },
    .cannotTell("an input is NaN") { net in
      net.input([[1, .nan], [0, 1]])
      net.dense("fc1", [[1, 0], [0, 1]], bias: [-10, -10])
      net.layer("Relu")
      net.loss("mse", shape: [2, 2], [1, 2, 3, 4])
    },
  ]
}
