import Runs
import Trials

/// A layer between wider ones that lets too little of the signal through.
struct NarrowLayer: Rule {
  static let share = Threshold(
    "share", 0.5, unit: "of the units of the narrower neighbour",
    "a layer with more units is not narrow")

  static let info = RuleInfo(
    id: "narrow-layer", title: "A layer too narrow for the signal", severity: .error,
    evidence: .proof,
    summary: """
      A layer has at most half of the units of both its neighbours, and with a wider one the same \
      training ends decisively better from every one of three starts.
      """,
    rationale: """
      All that comes after a layer knows of the inputs only what its units tell: behind one unit,
      everything is a function of one number, however wide the layers behind it. Whether that costs
      anything depends on the task, so it is tried: the training is done again from fresh weights,
      three times as the network is and three times with the layer as wide as its narrower neighbour,
      with the same optimizer, rate and number of updates. Each wide one must do decisively better than
      the narrow one of the same draw, and better than the user's training by a twentieth of a constant's
      loss. Dropout is left out of
      both. A bottleneck that is meant, as in an autoencoder whose targets are its inputs, is left
      alone.
      """,
    remedy: "Give the layer as many units as its neighbours have, or leave it out.",
    source: """
      Tishby & Zaslavsky, Deep Learning and the Information Bottleneck Principle (2015): what a layer \
      loses no later layer recovers
      """,
    thresholds: [share] + TrialComparison.thresholds, harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    guard exam.leavesLoss else { return [] }
    let comparison = try TrialComparison(exam, for: Self.self)
    guard let trial = exam.widening else { return [] }
    let least = exam.value(TrialComparison.gain, of: Self.self)
    let wins = zip(trial.narrow, trial.widened).allSatisfy { narrow, wide in
      comparison.wins(wide, over: narrow) && wide <= comparison.ended - least
    }
    guard wins, let worst = trial.widened.max(), let best = trial.narrow.min() else { return [] }
    let node = exam.run.graph.nodes[trial.node]
    let gain = min(comparison.ended, best, 1) - worst
    let ends = { (some: [Double]) in
      "\(Wording.percent(some.min() ?? 0)) to \(Wording.percent(some.max() ?? 0))"
    }
    var finding = Finding(
      Self.self, comparison.isError(gain: gain) ? .error : .warning,
      at: Place(.layer, node.layer),
      """
      This layer has \(Wording.count(trial.width, "unit")), between \(trial.before) values that come \
      in and the \(trial.after) units of the next layer. Tried from three fresh starts, \
      \(trial.updates) updates each and judged on \(comparison.judges): of the loss of \
      \(exam.constantPrediction), the training leaves \(ends(trial.narrow)) as it is, and \
      \(ends(trial.widened)) with \(trial.wide) units here. The training itself left \
      \(Wording.percent(comparison.ended)).
      """,
      evidence: [
        Measure("units", trial.width), Measure("units_tried", trial.wide),
        Measure("values_in", trial.before), Measure("units_after", trial.after),
        Measure(
          "narrow_losses", .numbers(trial.narrow), unit: "of the best constant prediction's loss"),
        Measure(
          "wide_losses", .numbers(trial.widened), unit: "of the best constant prediction's loss"),
        Measure(
          "relative_loss", comparison.ended, unit: "of the best constant prediction's loss"),
      ], tensors: node.outputs)
    finding.remaining = worst
    return [finding]
  }
}

extension NarrowLayer {
  /// Six columns, of which a target takes two products, through a layer of some units.
  private static func network(
    _ net: inout RunBuilder, units: Int, product: Bool = true, autoencoder: Bool = false
  ) {
    var random = FixedRandom(seed: 5)
    let x = (0..<120).map { _ in (0..<6).map { _ in Float(random.normal()) } }
    net.input(x)
    func weights(_ rows: Int, _ columns: Int, by factor: Float = 0.2) -> [[Float]] {
      (0..<rows).map { row -> [Float] in
        (0..<columns).map { column -> Float in
          factor * Float((row * 7 + column * 3) % 5 - 2)
        }
      }
    }
    net.dense("narrow", weights(units, 6), bias: [Float](repeating: 0, count: units))
    net.layer("Tanh")
    net.dense("hidden", weights(16, units), bias: [Float](repeating: 0.1, count: 16))
    net.layer("Tanh")
    let outputs = autoencoder ? 6 : 1
    net.dense(
      "fc", weights(outputs, 16, by: 0.025), bias: [Float](repeating: 0, count: outputs))
    if autoencoder {
      net.loss("mse", shape: [120, 6], x.flatMap { $0 })
    } else {
      let targets = x.map { row -> Float in
        product ? row[0] * row[1] + row[2] * row[3] : row[0] / (1 + abs(row[0]))
      }
      net.loss("mse", shape: [120, 1], targets)
    }
    net.training["epochs"] = .int(300)
    net.training["batch_size"] = .int(30)
    net.training["optimizer"] = .object([
      "kind": .string("adam"), "learning_rate": .number(0.01),
    ])
  }

  private static let examples: [Example] = [
    .fires("six columns through one unit", at: ["narrow"]) { network(&$0, units: 1) },
    .silent("eight units") { network(&$0, units: 8) },
    .silent("one unit, and one column is all that matters") {
      network(&$0, units: 1, product: false)
    },
    .silent("the code of an autoencoder") { network(&$0, units: 1, autoencoder: true) },
    .cannotTell("no optimizer to train with") { net in
      network(&net, units: 1)
      net.training["optimizer"] = nil
    },
  ]
}
