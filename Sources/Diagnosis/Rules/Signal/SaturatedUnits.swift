import Runs

/// Units of a bounded activation that sit on its flat parts.
struct SaturatedUnits: Rule {
  static let sampleShare = Threshold(
    "sample-share", 0.95, unit: "share of the samples", "a unit flat on more of them is saturated")
  static let warnShare = Threshold(
    "warn-share", 0.1, unit: "share of a layer's units", "beyond it they are a warning")
  static let errorShare = Threshold(
    "error-share", 0.5, unit: "share of a layer's units", "beyond it they are an error")

  static let info = RuleInfo(
    id: "saturated-units", title: "Units stuck on the flat of their activation", severity: .error,
    evidence: .proof,
    summary: """
      The slope of a sigmoid-like activation is under 5 % of its maximum on more than 95 % of the \
      samples.
      """,
    rationale: """
      On the flat parts of a sigmoid or a tanh hardly any gradient passes, and the output hardly
      depends on the input. A unit that is there for nearly all samples acts as a constant and
      learns very slowly. The head of a classifier is left out: a probability near 0 or 1 is what
      its loss asks for, and that loss does not vanish with the slope.
      """,
    remedy: """
      Scale the inputs, start from smaller weights (Glorot initialisation), lower the learning \
      rate, or use an activation that is not flat on both sides.
      """,
    source: "Glorot & Bengio, Understanding the difficulty of training deep networks (2010)",
    thresholds: [sampleShare, warnShare, errorShare], harmsLearning: true, onset: .samePlace,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireFinite()
    try exam.requireSamples()
    return exam.activationLayers.compactMap { layer in
      let activation = layer.activation
      guard !activation.rectifier, activation.flatBelow != nil || activation.flatAbove != nil,
        !isProbability(layer.node, exam)
      else { return nil }
      return finding(layer, exam)
    }
  }

  /// Whether a node gives the probabilities of a classification loss.
  private func isProbability(_ node: Graph.Node, _ exam: Examination) -> Bool {
    exam.run.losses.contains { term in
      ![.values, .unknown].contains(type(of: term.loss).info.targets)
        && SignalPath.head(of: term.prediction, exam.run.graph).map {
          exam.run.graph.nodes[$0.node].name == node.name
        } ?? false
    }
  }

  private func finding(_ layer: Examination.ActivationLayer, _ exam: Examination) -> Finding? {
    let moments = layer.moments
    let needed = exam.value(Self.sampleShare, of: Self.self)
    let shares = (0..<moments.units).map {
      Double(moments.below[$0] + moments.above[$0]) / Double(max(1, moments.count[$0]))
    }
    let asked = constantOutputs(layer, exam)
    let stuck = shares.indices.filter { shares[$0] > needed && !asked.contains($0) }
    guard !stuck.isEmpty else { return nil }
    let share = Double(stuck.count) / Double(moments.units)
    let (warn, error) = (
      exam.value(Self.warnShare, of: Self.self), exam.value(Self.errorShare, of: Self.self)
    )
    let low = stuck.map { Double(moments.minimum[$0]) }.min() ?? 0
    let high = stuck.map { Double(moments.maximum[$0]) }.max() ?? 0
    let above = stuck.filter { moments.above[$0] >= moments.below[$0] }.count
    return Finding(
      Self.self, share > error ? .error : share > warn ? .warning : .note,
      at: Place(.layer, layer.node.layer, units: stuck),
      """
      Proved on \(exam.current.samples) samples: \(stuck.count) of \
      \(Wording.count(moments.units, "unit")) are flat on more than \(Wording.percent(needed)) of \
      them. Pre-activations run from \(Wording.number(low)) to \(Wording.number(high)), and the \
      \(layer.node.op) is flat outside \(Wording.number(layer.activation.flatBelow ?? -.infinity)) \
      to \(Wording.number(layer.activation.flatAbove ?? .infinity)); \
      \(above) of them are stuck at the upper end.
      """,
      evidence: [
        Measure("units", .ints(stuck)),
        Measure("share", share, unit: "share of the layer's units", threshold: warn),
        Measure(
          "flat_share", .numbers(stuck.map { shares[$0] }), unit: "share of the samples",
          threshold: needed),
        Measure("pre_activation", .numbers([low, high]), unit: "smallest and largest"),
        Measure("stuck_high", above, unit: "units"),
      ], tensors: [layer.input] + layer.node.outputs,
      facts: Facts(
        amount: Amount(stuck.count, of: moments.units, "units saturated"),
        inputs: exam.directInputs(of: layer.input), layer: exam.layer(before: layer.input)))
  }

  /// Outputs that should be the same for every sample: to be stuck is what their targets ask for.
  private func constantOutputs(
    _ layer: Examination.ActivationLayer, _ exam: Examination
  ) -> Set<Int> {
    guard let term = exam.run.losses.first(where: { layer.node.outputs.contains($0.prediction) }),
      let columns = exam.data.arrays[term.target]?.columns, columns.units == layer.moments.units
    else { return [] }
    return Set((0..<columns.units).filter { columns.minimum[$0] == columns.maximum[$0] })
  }
}

extension SaturatedUnits {
  private static let examples: [Example] = [
    .fires("tanh far from zero on every sample", at: ["tanh1[0]"]) { net in
      net.input([[5, 0.1], [6, -0.2], [-7, 0.3]])
      net.dense("fc1", [[1, 0], [0, 1]])
      net.layer("Tanh")
      net.dense("fc2", [[1, 1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("a confident classifier saturates its head") { net in
      net.input([[9], [-9], [8]])
      net.dense("fc", [[1]])
      net.layer("Sigmoid")
      net.loss("bce", shape: [3, 1], [1, 0, 1])
    },
    .silent("flat on half of the samples") { net in
      net.input([[9], [0.5], [8], [-0.1]])
      net.dense("fc1", [[1]])
      net.layer("Sigmoid")
      net.dense("fc2", [[1]])
      net.loss("mse", shape: [4, 1], [1, 0, 1, 0])
    },
    .cannotTell("one sample only") { net in
      net.input([[9]])
      net.dense("fc1", [[1]])
      net.layer("Sigmoid")
      net.dense("fc2", [[1]])
      net.loss("mse", shape: [1, 1], [1])
    },
  ]
}
