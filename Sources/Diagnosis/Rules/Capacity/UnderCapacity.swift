import Runs
import Trials

/// A model that cannot express what its inputs tell.
struct UnderCapacity: Rule {
  static let explained = Threshold(
    "explained", 0.1, unit: "of the residuals' variance", "what the inputs must still explain")
  static let pValue = Threshold(
    "p-value", 0.05, unit: "share of permutations", "beyond it that may be chance")

  static let info = RuleInfo(
    id: "under-capacity", title: "A model that is too small", severity: .error, evidence: .proof,
    summary: """
      Nearest neighbours tell more than a tenth of the residuals from the inputs, least squares on \
      the last hidden features cannot, and no trial of the training does better.
      """,
    rationale: """
      What is left after a training is noise, or it is a pattern that the model missed. If samples
      that lie close together are wrong in the same way, it is a pattern. If no weights of the last
      layer could make use of it, the features before that layer do not carry it: the model lacks
      units, layers or a non-linearity. That holds for the architecture only if features of weights
      drawn at random do not carry it either: a layer of dead units is no proof. A training that was only too short or too slow is told apart
      by trials, which would do better. Where the data is a complete table, such as that of XOR,
      everything that does not contradict itself can be told from the inputs.
      """,
    remedy: "Add hidden units, a layer, or a non-linearity between layers.",
    source: "Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, section 13.3",
    thresholds: [explained, pValue] + TrialComparison.thresholds, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    guard exam.leavesLoss, let relativeLoss = exam.relativeLoss else { return [] }
    guard exam.capacity.contains(where: { $0 != nil }) else {
      throw NotChecked(
        exam.run.samples < 20
          ? "\(Wording.count(exam.run.samples, "sample")) of at least 20"
          : "no last layer of weights whose features could be judged")
    }
    if let comparison = try? TrialComparison(exam, for: Self.self) {
      let others = comparison.rates + comparison.further + comparison.fresh
      if others.contains(where: { comparison.wins($0.best(), over: comparison.ended) }) {
        return []
      }
    }
    return zip(exam.run.losses, exam.capacity).compactMap { term, capacity in
      capacity.flatMap { finding(term, $0, relativeLoss, exam) }
    }
  }

  private func finding(
    _ term: Run.LossTerm, _ capacity: Capacity, _ relativeLoss: RelativeLoss, _ exam: Examination
  ) -> Finding? {
    let needed = exam.value(Self.explained, of: Self.self)
    guard capacity.inputs > needed, capacity.pValue <= exam.value(Self.pValue, of: Self.self),
      capacity.features < capacity.inputs / 4, capacity.variation > 1e-3,
      capacity.fresh < capacity.inputs / 2
    else { return nil }
    let how =
      capacity.isTable
      ? "the inputs are a complete table, so that all of it can be told from them"
      : "nearest neighbours explain \(Wording.percent(capacity.inputs)) of it, leaving each sample out"
    let gain = capacity.inputs * min(1, relativeLoss.current)
    return Finding(
      Self.self, gain >= exam.value(TrialComparison.errorGain, of: Self.self) ? .error : .warning,
      at: Place(.output, exam.run.graph.layer(of: term.prediction)),
      """
      Proved on \(capacity.samples) samples: of what the model gets wrong, \(how); least squares on \
      the features before the last layer explain \(Wording.percent(max(0, capacity.features))). \
      What is left is \(Wording.loss(relativeLoss.current, of: exam.constantPrediction)).
      """,
      evidence: [
        Measure("explained_by_inputs", capacity.inputs, unit: "R²", threshold: needed),
        Measure("explained_by_features", capacity.features, unit: "R²"),
        Measure("explained_by_fresh_features", capacity.fresh, unit: "R²"),
        Measure("p_value", capacity.pValue),
        Measure(
          "relative_loss", relativeLoss.current, unit: "of the best constant prediction's loss"),
      ], tensors: [term.prediction])
  }
}

extension UnderCapacity {
  /// A line through a curve of 60 samples, at its least squares.
  private static func line(
    _ net: inout RunBuilder, slope: Float = 0, bias: Float, _ curve: (Float) -> Float
  ) {
    let x = (0..<60).map { (Float($0) - 29.5) / 17.3 }
    net.input(x.map { [$0] })
    net.dense("fc", [[slope]], bias: [bias])
    net.loss("mse", shape: [60, 1], x.map(curve))
    net.training["epochs"] = .int(100)
  }

  private static let examples: [Example] = [
    .fires("a line through a parabola", at: ["fc"]) { line(&$0, bias: 1) { $0 * $0 } },
    .fires("XOR without a hidden layer", at: ["fc"]) { net in
      net.input([[0, 0], [0, 1], [1, 0], [1, 1]])
      net.dense("fc", [[0, 0]], bias: [0.5])
      net.loss("mse", shape: [4, 1], [0, 1, 1, 0])
      net.training["epochs"] = .int(100)
    },
    .silent("a line through a line") { line(&$0, slope: 2, bias: 0) { 2 * $0 } },
    .silent("noise has no pattern") { net in
      var state: UInt32 = 77
      line(&net, bias: 0) { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return state >> 31 == 0 ? 1 : -1
      }
    },
    .silent("a slope that only was not found yet") { line(&$0, slope: 0, bias: 0) { 2 * $0 } },
    .cannotTell("three samples") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0]])
      net.loss("mse", shape: [3, 1], [1, 4, 9])
      net.training["epochs"] = .int(100)
    },
  ]
}
