import Runs
import Trials

/// Sequences that a model has forgotten by the time their padding ends.
struct PaddingDominates: Rule {
  static let share = Threshold(
    "share", 0.5, unit: "share of the steps", "from so much padding at the end on it is looked at")
  static let left = Threshold(
    "left", 0.1, unit: "variation of the predictions / that with the padding first",
    "up to this the signal is forgotten")

  static let info = RuleInfo(
    id: "padding-dominates", title: "What is read lies behind the padding", severity: .error,
    evidence: .proof,
    summary: """
      Most of each sequence is padding at its end, and a recurrent layer has forgotten the signal when \
      it is read after it.
      """,
    rationale: """
      Each step of padding is a step of the recurrence: the state moves on towards where constant input
      leads, the same for all samples. What is read after a hundred such steps says little of the
      signal, and gradients reach it through as many steps. To prove it, the same sequences are given
      with their padding first, so that the signal is the last thing that the model reads: the
      predictions of the same weights then differ between samples much more. A model that reads the
      state at the end of each signal, by lengths, packed sequences or a mask, loses nothing by padding
      and is silent, and so is one that has learned to keep its state.
      """,
    remedy: """
      Read the state at the end of each sequence (pack_padded_sequence, or out.gather at length − 1), \
      put the padding first, or cut batches to their longest sequence.
      """,
    source: "Dwarampudi & Reddy, Effects of padding on LSTMs and CNNs (2019), arXiv:1903.07288",
    thresholds: [share, left], harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard exam.run.graph.nodes.contains(where: { exam.recurrence(of: $0) != nil }) else {
      return []
    }
    try exam.requireLoss()
    try exam.requireSamples()
    guard exam.current.samples >= PaddingProbe.fewest else {
      throw NotChecked(
        "\(exam.current.samples) samples are too few to tell how the predictions vary")
    }
    return exam.padding.compactMap { finding($0, exam) }
  }

  private func finding(_ probe: PaddingProbe, _ exam: Examination) -> Finding? {
    let limit = exam.value(Self.left, of: Self.self)
    guard probe.share >= exam.value(Self.share, of: Self.self), probe.left <= limit else {
      return nil
    }
    // Before a training, a state may yet learn to stay.
    let severity: Severity = exam.isTrained == false ? .warning : .error
    return Finding(
      Self.self, severity, at: Place(.input, probe.input),
      """
      Proved on \(probe.samples) samples: \(Wording.percent(probe.share)) of the \(probe.steps) steps of \
      \(probe.input) are padding at the end. Behind it the predictions vary between samples only \
      \(Wording.percent(probe.left)) as much as they do when the same padding comes first: each step of \
      it leaves \(Wording.percent(probe.leftPerStep)) of the signal.
      """,
      evidence: [
        Measure(
          "padding", probe.share, unit: "share of the steps",
          threshold: exam.value(Self.share, of: Self.self)),
        Measure(
          "variation_left", probe.left, unit: "of the variation with the padding first",
          threshold: limit),
        Measure("left_per_step", probe.leftPerStep, unit: "of the signal per padded step"),
        Measure("steps", probe.steps, unit: "steps"),
      ], tensors: exam.run.graph.tensor(named: probe.input).map { [$0] } ?? [])
  }
}

extension PaddingDominates {
  /// A leaky sum of sequences of 2 or 3 steps, padded with zeros to 12.
  private static func network(
    _ net: inout RunBuilder, samples: Int = 8, keep: Float = 0.5, first: Bool = false,
    full: Bool = false
  ) {
    var values: [Float] = []
    for row in 0..<samples {
      let length = full ? 12 : 2 + row % 2
      let signal = (0..<length).map { Float((row * 5 + $0 * 3) % 7) / 7 + 0.1 }
      let pads = [Float](repeating: 0, count: 12 - length)
      values += first ? pads + signal : signal + pads
    }
    net.input(shape: [samples, 12, 1], values)
    net.parameter("rnn.w", shape: [1, 1, 1], [0.5], initial: [0.4])
    net.parameter("rnn.r", shape: [1, 1, 1], [keep], initial: [0.3])
    net.layer("RNN", "rnn", operands: ["rnn.w", "rnn.r"], attributes: ["layout": .int(1)])
    net.parameter("last", shape: [1], [11], trainable: false)
    net.layer("Gather", "read", operands: ["last"], attributes: ["axis": .int(1)])
    net.layer("Flatten", "flat")
    net.dense("fc", [[1]])
    net.loss("mse", shape: [samples, 1], (0..<samples).map { Float($0 % 3) })
    net.training["epochs"] = .int(5)
  }

  private static let examples: [Example] = [
    .fires("a state that halves with every step", at: ["x"]) { network(&$0) },
    .silent("padding before the signal") { network(&$0, first: true) },
    .silent("a state that stays") { network(&$0, keep: 1) },
    .silent("sequences without padding") { network(&$0, full: true) },
    .silent("no recurrent layer") { net in
      net.input([[1, 0], [2, 0], [3, 0]])
      net.dense("fc", [[0.5, 0.1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .cannotTell("three samples") { network(&$0, samples: 3) },
  ]
}
