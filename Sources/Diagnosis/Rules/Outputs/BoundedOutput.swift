import Runs

/// Targets that the head's activation cannot reach.
struct BoundedOutput: Rule {
  static let errorShare = Threshold(
    "error-share", 0.05, unit: "share of the targets", "more targets out of reach is an error")

  static let info = RuleInfo(
    id: "bounded-output", title: "Targets out of the head's reach", severity: .error,
    evidence: .proof,
    summary: "Targets lie outside the interval that the activation of the head can take.",
    rationale: """
      A sigmoid gives 0 to 1, a tanh −1 to 1, a rectifier nothing below zero. Where a target lies
      outside, the loss pushes the head against its bound for ever: the output saturates there, the
      gradient fades, and the error stays. The share of such targets is counted over all samples;
      targets on the bound itself are within reach of the limit and do not count.
      """,
    remedy: "Give the head a linear output, or scale the targets into the interval.",
    source: "PyTorch and Keras documentation of the activations; Bishop, PRML (2006), section 5.2",
    thresholds: [errorShare], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    return exam.run.losses.compactMap { finding($0, exam) }
  }

  private func finding(_ term: Run.LossTerm, _ exam: Examination) -> Finding? {
    guard type(of: term.loss).info.targets == .values,
      let head = SignalPath.head(of: term.prediction, exam.run.graph),
      head.activation.range != -Double.infinity...Double.infinity,
      let target = exam.data.arrays[term.target]
    else { return nil }
    let columns = target.columns
    let below = columns.below.reduce(0, +)
    let above = columns.above.reduce(0, +)
    let total = columns.count.reduce(0, +)
    guard below + above > 0, total > 0 else { return nil }
    let share = Double(below + above) / Double(total)
    let limit = exam.value(Self.errorShare, of: Self.self)
    let range = head.activation.range
    let low = Double(columns.minimum.min() ?? 0)
    let high = Double(columns.maximum.max() ?? 0)
    let node = exam.run.graph.nodes[head.node]
    return Finding(
      Self.self, share > limit ? .error : .warning, at: Place(.layer, node.layer),
      """
      Proved on \(exam.run.samples) samples: the \(node.op) at the head gives \
      \(Wording.number(range.lowerBound)) to \(Wording.number(range.upperBound)), while the targets \
      run from \(Wording.number(low)) to \(Wording.number(high)): \(Wording.percent(share)) of them \
      are out of reach.
      """,
      evidence: [
        Measure("interval", .numbers([range.lowerBound, range.upperBound]), unit: "output"),
        Measure("target_range", .numbers([low, high]), unit: "target"),
        Measure("share_outside", share, unit: "share of the targets", threshold: limit),
        Measure("below", below, unit: "targets"), Measure("above", above, unit: "targets"),
      ], tensors: [term.prediction] + node.outputs)
  }
}

extension BoundedOutput {
  private static let examples: [Example] = [
    .fires("a sigmoid for targets beyond 1", at: ["sigmoid1"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[1]])
      net.layer("Sigmoid")
      net.loss("mse", shape: [3, 1], [3, 5, 7])
    },
    .fires("a rectifier for negative targets", at: ["relu1"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[1]])
      net.layer("Relu")
      net.loss("l1", shape: [3, 1], [-1, 0, 1])
    },
    .silent("a sigmoid for targets of 0 and 1") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[1]])
      net.layer("Sigmoid")
      net.loss("mse", shape: [3, 1], [0, 1, 1])
    },
    .silent("a linear head reaches everything") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [3, 1], [30, 50, 70])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.layer("Sigmoid")
    },
  ]
}
