import Glibc
import Runs

/// Batch normalizations whose statistics are not those of the data.
struct StaleNormalization: Rule {
  static let shift = Threshold(
    "shift", 2, unit: "standard deviations", "running means farther from the data's are stale")
  static let ratio = Threshold(
    "ratio", 4, unit: "running variance / the data's, either way", "farther apart is stale")
  static let share = Threshold(
    "share", 0.25, unit: "share of the channels", "more stale channels fire")
  static let lag = Threshold(
    "lag", 1.5, unit: "loss in evaluation mode / loss in training mode", "more may fire")
  static let gap = Threshold(
    "gap", 0.1, unit: "of the loss of the best constant", "a smaller gap is harmless")

  static let info = RuleInfo(
    id: "stale-normalization", title: "Batch normalization with other statistics",
    severity: .warning, evidence: .heuristic,
    summary: """
      A batch normalization sees batches of one, its running mean and variance are far from those of \
      the data, or the network loses half as much again when it goes by them.
      """,
    rationale: """
      In training a batch normalization uses the batch's own mean and variance, afterwards the
      running ones. Over a batch of one the variance is zero and the output a constant. Running
      statistics follow slowly: after few steps, or when a layer was left in the wrong mode, they
      are not those of the data, and a model that trained well fails when it is used. They are
      compared with the mean and variance of what reaches the layer over all samples, and the loss of
      the network that goes by them with that of the one that was trained: no more proof is needed
      where it is half as much again, and a tenth of a constant's loss more. A model that
      was not trained still has mean 0 and variance 1, and is left alone.
      """,
    remedy: """
      Use larger batches or LayerNorm; raise the momentum of the statistics, and switch between \
      training and evaluation mode where it is due.
      """,
    source: "Ioffe & Szegedy (2015), arXiv:1502.03167; Wu & Johnson (2021), arXiv:2105.07576",
    thresholds: [shift, ratio, share, lag, gap], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let nodes = exam.run.graph.nodes.filter { $0.kind.states(.normalizesBatch) }
    guard !nodes.isEmpty else { return [] }
    try exam.requireFinite()
    try exam.requireSamples()
    let singles = nodes.compactMap { single($0, exam) }
    if singles.isEmpty, let finding = lag(nodes, exam) { return [finding] }
    return nodes.compactMap { single($0, exam) ?? stale($0, exam) }
  }

  /// Whether the network is much worse by its running statistics.
  private func lag(_ nodes: [Graph.Node], _ exam: Examination) -> Finding? {
    guard let evaluated = exam.evaluatedLoss, let yardstick = exam.relativeLoss?.yardstick else {
      return nil
    }
    let trained = exam.current.dataLoss
    let gap = (evaluated - trained) / (yardstick.constant - yardstick.perfect)
    let limits = (exam.value(Self.lag, of: Self.self), exam.value(Self.gap, of: Self.self))
    let layers = nodes.filter { isTraining($0, exam) }
    guard evaluated > limits.0 * trained, gap > limits.1, let first = layers.first else {
      return nil
    }
    let isUseless = yardstick.relative(evaluated) >= Limits.failed.value
    var finding = Finding(
      Self.self, isUseless ? .error : .warning, at: Place(.layer, first.layer),
      """
      Proved on \(exam.current.samples) samples: at the same weights the network loses \
      \(Wording.number(trained)) by the statistics of its batches, as in the training, and \
      \(Wording.number(evaluated)) by the running ones, as it is used.
      """,
      evidence: [
        Measure("training_mode_loss", trained), Measure("evaluation_mode_loss", evaluated),
        Measure(
          "lag", trained > 0 ? evaluated / trained : .infinity, unit: "evaluation / training",
          threshold: limits.0),
        Measure("gap", gap, unit: "of the constant's loss", threshold: limits.1),
      ], tensors: layers.flatMap(\.outputs))
    finding.others = layers.dropFirst().map { Place(.layer, $0.layer) }
    return finding
  }

  /// Whether a node takes the statistics of the batch: then rows depend on each other.
  private func isTraining(_ node: Graph.Node, _ exam: Examination) -> Bool {
    let inputs = node.inputs.map { $0.map { exam.plan.operands[$0] } }
    return !node.kind.keepsSamples(inputs, node.outputs.map { exam.plan.operands[$0].shape })
  }

  private func single(_ node: Graph.Node, _ exam: Examination) -> Finding? {
    guard exam.run.batchSize == 1, let input = node.inputs.first.flatMap({ $0 }),
      isTraining(node, exam)
    else { return nil }
    let shape = exam.plan.operands[input].shape
    guard shape.rank >= 2, shape.dims.dropFirst(2).reduce(1, *) == 1 else { return nil }
    return Finding(
      Self.self, .error, at: Place(.layer, node.layer),
      """
      Proved: with batches of one sample the mean of a batch is the sample itself, so that this \
      layer gives its bias and nothing else.
      """,
      evidence: [Measure("batch_size", 1, unit: "samples", threshold: 2)],
      remedy: "Train with batches of at least 8 samples, or use LayerNorm.", tensors: node.outputs)
  }

  private func stale(_ node: Graph.Node, _ exam: Examination) -> Finding? {
    guard exam.isTrained != false, node.inputs.count == 5, let input = node.inputs[0],
      let mean = values(node.inputs[3], exam), let variance = values(node.inputs[4], exam),
      let moments = exam.current.activations[input], moments.units == mean.count,
      mean.count == variance.count, mean.count > 0
    else { return nil }
    // Every step in training mode moves them: at 0 and 1 after a training they were never kept, as
    // without track_running_stats, and nobody uses them.
    if isTraining(node, exam), mean.allSatisfy({ $0 == 0 }), variance.allSatisfy({ $0 == 1 }) {
      return nil
    }
    let limits = (exam.value(Self.shift, of: Self.self), exam.value(Self.ratio, of: Self.self))
    var stale: [Int] = []
    var worst = (shift: 0.0, ratio: 1.0)
    for unit in 0..<moments.units where moments.count[unit] > 1 && moments.variance(unit) > 0 {
      let shift = abs(moments.mean[unit] - Double(mean[unit])) / moments.variance(unit).squareRoot()
      let ratio = max(Double(variance[unit]), 1e-30) / moments.variance(unit)
      guard shift > limits.0 || max(ratio, 1 / ratio) > limits.1 else { continue }
      stale.append(unit)
      worst.shift = max(worst.shift, shift)
      if abs(log(ratio)) > abs(log(worst.ratio)) { worst.ratio = ratio }
    }
    let share = Double(stale.count) / Double(moments.units)
    guard share > exam.value(Self.share, of: Self.self) else { return nil }
    return Finding(
      Self.self, .warning, at: Place(.layer, node.layer, units: stale),
      """
      In \(stale.count) of \(Wording.count(moments.units, "channel")) the running statistics are \
      not the data's: means up to \(Wording.number(worst.shift)) standard deviations away, \
      variances up to \(Wording.number(max(worst.ratio, 1 / worst.ratio))) times too \
      \(worst.ratio > 1 ? "large" : "small").
      """,
      evidence: [
        Measure("largest_shift", worst.shift, unit: "standard deviations", threshold: limits.0),
        Measure("worst_ratio", worst.ratio, unit: "running / data", threshold: limits.1),
        Measure("share", share, unit: "share of the channels"),
        Measure("steps", exam.run.training.steps.map { .int($0) } ?? .null),
        Measure("running_means", .numbers(stale.prefix(16).map { Double(mean[$0]) })),
        Measure("data_means", .numbers(stale.prefix(16).map { moments.mean[$0] })),
      ], tensors: node.outputs + [input])
  }

  private func values(_ tensor: Int?, _ exam: Examination) -> UnsafeBufferPointer<Float>? {
    tensor.flatMap { exam.run.graph.parameter(at: $0) }.map { exam.values($0) }
  }
}

extension StaleNormalization {
  private static func network(
    _ net: inout RunBuilder, mean: Float, variance: Float, training: Bool = false,
    epochs: Int = 5, slopes: [Float] = [0.5, 0.2], bias: [Float]? = nil
  ) {
    net.input([[1, 2], [3, 4], [5, 6], [7, 8]])
    for (name, value) in [("scale", 1), ("shift", 0), ("mean", mean), ("variance", variance)] {
      let isWeight = name == "scale" || name == "shift"
      net.parameter("bn.\(name)", shape: [2], [Float(value), Float(value)], trainable: isWeight)
    }
    net.layer(
      "BatchNormalization", "bn", operands: ["bn.scale", "bn.shift", "bn.mean", "bn.variance"],
      attributes: training ? ["training_mode": .int(1)] : [:])
    net.dense("fc", [slopes], bias: bias)
    net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    net.training["epochs"] = .int(epochs)
  }

  private static let examples: [Example] = [
    .fires("statistics that never moved", at: ["bn[0, 1]"]) {
      network(&$0, mean: -20, variance: 1)
    },
    .fires("a variance of a hundredth", at: ["bn[0, 1]"]) {
      network(&$0, mean: 4.5, variance: 0.05)
    },
    .fires("means that lag, and make the network worse", at: ["bn"]) {
      network(&$0, mean: 7, variance: 5, training: true, slopes: [0.9, 0.2], bias: [2.5])
    },
    .silent("means that lag a little") {
      network(&$0, mean: 4.7, variance: 5, training: true, slopes: [0.9, 0.2], bias: [2.5])
    },
    .silent("the data's own") { network(&$0, mean: 4.5, variance: 5) },
    .silent("not trained yet: 0 and 1") { network(&$0, mean: 0, variance: 1, epochs: 0) },
    .silent("statistics that nobody keeps") {
      network(&$0, mean: 0, variance: 1, training: true)
    },
    .silent("no batch normalization") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("an input is NaN") { net in
      net.input([[1, .nan], [3, 4]])
      net.parameter("one", shape: [2], [1, 1], trainable: false)
      net.layer("BatchNormalization", "bn", operands: ["one", "one", "one", "one"])
      net.loss("mse", shape: [2, 2], [1, 2, 3, 4])
    },
  ]
}
