import Runs
import Trials

/// A last layer that makes little of what it gets.
struct UnfittedHead: Rule {
  static let gain = Threshold(
    "gain", 0.1, unit: "of the best constant prediction's loss",
    "fitting the last layer again must take off more")
  static let left = Threshold(
    "left", 0.5, unit: "of the loss", "it must leave less")

  static let info = RuleInfo(
    id: "unfitted-head", title: "A last layer that is not fitted", severity: .warning,
    evidence: .proof,
    summary: """
      Fitting the last layer again, alone, leaves at most half of the loss on rows that it was not \
      fitted to.
      """,
    rationale: """
      What a last layer does with its inputs is a linear fit, for which there are exact methods: least squares
      under a squared error, a few steps of Newton's method under others. It is fitted to one half of the rows
      and judged on the other, both ways; the network was trained on both halves, so that chance
      speaks for the network. Where the refitted layer leaves at most half in both, the layers before it have
      done their part, and something keeps the last one from its own: it is frozen, or no part of
      the optimizer, its rate is too low or its penalty too strong, targets or features have a scale that it
      cannot reach in so few updates. It is what came of a fault: whatever
      else was found explains it. A head whose features tell nothing gains nothing and is silent.
      """,
    remedy: """
      Check that the last layer is trained: its parameters are in the optimizer and require gradients. \
      Then standardize the targets, or start its bias at their mean, and give it a larger rate or more \
      updates.
      """,
    source: """
      Karpathy, A Recipe for Training Neural Networks (2019): init well; Alain & Bengio, Understanding \
      intermediate layers using linear classifier probes (2016)
      """,
    thresholds: [gain, left], link: .outcome, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    if exam.isTrained == false { return [] }
    guard exam.run.losses.count == 1 else {
      throw NotChecked("the run has several losses, and layers may serve more than one")
    }
    guard exam.relativeLoss != nil else {
      throw NotChecked("the loss of the best constant prediction is not known")
    }
    guard exam.leavesLoss else { return [] }
    guard let refit = exam.headRefit, let yardstick = exam.relativeLoss?.yardstick else {
      throw NotChecked(
        exam.run.samples < HeadRefit.fewest
          ? "\(Wording.count(exam.run.samples, "sample")) of at least \(HeadRefit.fewest)"
          : "no last layer of a size that can be refitted")
    }
    let before = refit.before.map(yardstick.relative)
    let after = refit.after.map(yardstick.relative)
    let most = exam.value(Self.left, of: Self.self)
    let least = exam.value(Self.gain, of: Self.self)
    // What is above a constant's loss is no gain yet.
    let gains = zip(before, after).map { min($0, 1) - $1 }
    guard let gain = gains.min(), gain >= least,
      zip(before, after).allSatisfy({ $1 <= most * $0 })
    else { return [] }
    let mean = { (some: [Double]) in some.reduce(0, +) / Double(some.count) }
    return [
      Finding(
        Self.self, .warning,
        at: Place(.layer, exam.run.graph.layer(of: exam.run.losses[0].prediction)),
        """
        Proved on \(refit.rows) samples: the network leaves \
        \(Wording.loss(mean(before), of: exam.constantPrediction)). With its last layer alone fitted again \
        to one half of them it leaves \(Wording.percent(mean(after))) on the other half. The \
        \(Wording.count(refit.width, "value")) that this layer takes in tell more than it says.
        """,
        evidence: [
          Measure("left", mean(before), unit: "of the best constant prediction's loss"),
          Measure("left_refitted", mean(after), unit: "of the best constant prediction's loss"),
          Measure("values_in", refit.width), Measure("samples", refit.rows),
        ], tensors: [exam.run.losses[0].prediction])
    ]
  }
}

extension UnfittedHead {
  /// Features that are squares and sums of two columns, under a last layer of some weights.
  private static func network(
    _ net: inout RunBuilder, _ weights: [Float], bias: Float, rows: Int = 80, noise: Bool = false
  ) {
    var random = FixedRandom(seed: 9)
    let x = (0..<rows).map { _ in [Float(random.normal()), Float(random.normal())] }
    net.input(x)
    net.dense("hidden", [[1, 0], [0, 1], [-1, 0]], bias: [0, 0, 0])
    net.layer("Relu")
    net.dense("fc", [weights], bias: [bias])
    net.loss(
      "mse", shape: [rows, 1],
      x.map { noise ? Float(random.normal()) : 3 * max(0, $0[0]) - 2 * max(0, $0[1]) + 10 })
    net.training["epochs"] = .int(5)
  }

  private static let examples: [Example] = [
    .fires("a last layer as it was drawn", at: ["fc"]) {
      network(&$0, [0.1, 0.2, -0.1], bias: 0)
    },
    .fires("a classifier with a small last layer", at: ["fc"]) { net in
      var random = FixedRandom(seed: 9)
      let x = (0..<100).map { _ in [Float(random.normal()), Float(random.normal())] }
      net.input(x)
      net.dense("fc", [[0.01, 0], [0, 0.01]], bias: [0, 0])
      net.loss("cross-entropy", shape: [100], x.map { $0[0] > $0[1] ? 1 : 0 })
      net.training["epochs"] = .int(5)
    },
    .silent("its least squares") { network(&$0, [3, -2, 0], bias: 10) },
    .silent("features that tell nothing of the targets") {
      network(&$0, [0, 0, 0], bias: 0, noise: true)
    },
    .silent("not trained") { net in
      network(&net, [0.1, 0.2, -0.1], bias: 0)
      net.training["epochs"] = .int(0)
    },
    .cannotTell("ten rows") { network(&$0, [0.1, 0.2, -0.1], bias: 0, rows: 10) },
  ]
}
