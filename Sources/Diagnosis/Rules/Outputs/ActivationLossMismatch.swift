import Operators
import Replay
import Runs

/// A head whose activation is not what the loss takes its prediction for.
struct ActivationLossMismatch: Rule {
  static let info = RuleInfo(
    id: "activation-loss-mismatch", title: "Head and loss do not fit", severity: .error,
    evidence: .proof,
    summary: """
      The activation before a loss is applied twice, is missing, or gives something else than the \
      loss expects; or a softmax stands over a single unit.
      """,
    rationale: """
      Losses on logits apply the softmax or sigmoid themselves: a second one squeezes the scores
      into 0 to 1, so that the loss has a floor far above zero and the gradient is small. Losses on
      probabilities take logarithms, of which a raw score may have none. A softmax over one unit is
      the constant 1. A ReLU before logits can give no odds below one half, and neither can a distance. Where an activation is
      missing, the values that the model gives are the proof; as long as all of them would do, it is
      a warning. A log-softmax before a cross-entropy is a note: the second changes nothing.
      """,
    remedy: """
      Give cross-entropy and bce-with-logits the raw scores, bce a sigmoid, nll a log-softmax; use \
      a sigmoid for a single unit.
      """,
    source: "PyTorch and Keras documentation of the losses; Bridle (1990)", examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    var findings = exam.run.graph.nodes.compactMap { lone($0, exam) }
    let constant = Set(findings.flatMap(\.tensors))
    for term in exam.run.losses {
      let head = HeadChain(term.prediction, exam.run.graph)
      if head.nodes.contains(where: { !constant.isDisjoint(with: $0.outputs) }) { continue }
      if let found = finding(term, head, exam) { findings.append(found) }
    }
    return findings
  }

  /// A softmax over one unit: its output is 1 on every sample, whatever comes in.
  private func lone(_ node: Graph.Node, _ exam: Examination) -> Finding? {
    guard node.kind.states(.distribution), let output = node.outputs.first,
      let moments = exam.current.activations[output], let input = node.inputs.first.flatMap({ $0 })
    else { return nil }
    let value: Float = node.kind.states(.logarithm) ? 0 : 1
    guard moments.units > 0, moments.count.allSatisfy({ $0 > 0 }),
      moments.minimum.allSatisfy({ $0 == value }), moments.maximum.allSatisfy({ $0 == value }),
      exam.plan.operands[output].shape.dims.dropFirst().contains(1), moments.units == 1
    else { return nil }
    return Finding(
      Self.self, .error, at: Place(.layer, node.layer),
      """
      Proved on \(exam.current.samples) samples: a \(node.op) over a single unit gives \
      \(Wording.number(Double(value))) whatever comes in, and passes no gradient back.
      """,
      evidence: [
        Measure("output", Double(value)), Measure("expected", .string("a sigmoid")),
      ],
      remedy: "Use a sigmoid for one unit, or a softmax over one unit per class.",
      tensors: [output, input])
  }

  private func finding(
    _ term: Run.LossTerm, _ head: HeadChain, _ exam: Examination
  ) -> Finding? {
    let info = type(of: term.loss).info
    guard let moments = exam.current.activations[term.prediction], moments.units > 0 else {
      return nil
    }
    let verdict: Verdict? =
      switch (info.head, info.targets) {
      case (.logits, .probabilities):
        Self.logits(head, info) ?? Self.oneSided(term, exam)
      case (.logits, .classes): Self.logits(head, info)
      case (.probabilities, _): Self.probabilities(head, term, moments)
      case (.logProbabilities, _): Self.logProbabilities(head, moments)
      default: nil
      }
    guard let verdict else { return nil }
    let range = (moments.smallest, moments.largest)
    let layer = head.nodes.first?.layer ?? exam.run.graph.layer(of: term.prediction)
    let proved = verdict.severity == .warning ? "" : "Proved: "
    let learnedNothing =
      exam.isTrained != false && (exam.relativeLoss?.current ?? 0) >= Limits.nothing.value
    return Finding(
      Self.self, learnedNothing && verdict.severity == .warning ? .error : verdict.severity,
      at: Place(.layer, layer),
      """
      \(proved)\(exam.theLoss(term)) expects \(Self.text(info.head)), and \(verdict.text). On the \
      data the prediction runs from \(Wording.number(range.0)) to \(Wording.number(range.1)).
      """,
      evidence: [
        Measure("loss", .string(term.kind)), Measure("expected", .string(info.head.rawValue)),
        Measure("head", .strings(head.nodes.map(\.op))),
        Measure("prediction_range", .numbers([range.0, range.1])),
      ], tensors: [term.prediction] + head.nodes.flatMap(\.outputs))
  }

  private struct Verdict {
    let severity: Severity
    let text: String

    init(_ severity: Severity, _ text: String) { (self.severity, self.text) = (severity, text) }
  }

  private static func text(_ head: LossInfo.Head) -> String {
    switch head {
    case .logits: "raw scores, to which it applies the softmax or sigmoid itself"
    case .probabilities: "probabilities"
    case .logProbabilities: "logarithms of probabilities"
    case .values, .unknown: "any numbers"
    }
  }

  private static func logits(_ head: HeadChain, _ info: LossInfo) -> Verdict? {
    guard let last = head.nodes.first else { return nil }
    if last.kind.states(.distribution), last.kind.states(.logarithm), info.targets == .classes {
      return Verdict(.note, "gets a log-softmax, which a second one leaves as it is")
    }
    if last.kind.states(.distribution) || last.kind.states(.probability) {
      return Verdict(.error, "gets the output of a \(last.op): normalized twice")
    }
    guard last.kind.activation?.cutsOff == true else { return nil }
    return Verdict(.error, "gets the output of a \(last.op), which cuts off the scores it needs")
  }

  /// Scores of one event each that can only speak for it, or only against it. Scores of several classes are
  /// held against each other.
  private static func oneSided(_ term: Run.LossTerm, _ exam: Examination) -> Verdict? {
    guard let found = OneSided(term.prediction, exam.run.graph, exam.plan) else { return nil }
    let (bound, odds) = found.isNegative ? ("above", "at least") : ("below", "at most")
    return Verdict(
      .error,
      """
      gets what a \(found.node.op) makes of it, never \(bound) 0: as a score that leaves every event \
      \(odds) an even chance of being absent
      """)
  }

  private static func probabilities(
    _ head: HeadChain, _ term: Run.LossTerm, _ moments: UnitMoments
  ) -> Verdict? {
    let outside = moments.smallest < -1e-6 || moments.largest > 1 + 1e-6
    let normalized = head.nodes.prefix { $0.kind.states(.probability) }
    if normalized.count > 1 {
      return Verdict(
        .error, "gets a \(normalized[0].op) of a \(normalized[1].op): normalized twice")
    }
    guard let last = head.nodes.first else {
      guard outside || head.endsInKernel else { return nil }
      return Verdict(outside ? .error : .warning, "gets the scores of a layer without activation")
    }
    if last.kind.states(.probability) {
      let sum = moments.mean.reduce(0, +)
      guard type(of: term.loss).info.targets == .classes, !last.kind.states(.distribution),
        abs(sum - 1) > 0.01
      else { return nil }
      // Where the loss divides by their sum itself, scores that cannot compete are the lesser harm.
      return Verdict(
        term.ignoresScale ? .warning : .error,
        "gets a \(last.op), whose outputs do not sum to 1: on average to \(Wording.number(sum))")
    }
    if last.kind.activation?.cutsOff == true {
      return Verdict(outside ? .error : .warning, "gets the output of a \(last.op)")
    }
    return outside ? Verdict(.error, "gets values outside of 0 to 1") : nil
  }

  private static func logProbabilities(_ head: HeadChain, _ moments: UnitMoments) -> Verdict? {
    let positive = moments.largest > 1e-6
    if let last = head.nodes.first {
      if last.kind.states(.logarithm) { return nil }
      if last.kind.states(.probability) {
        return Verdict(.error, "gets probabilities without their logarithm")
      }
      if last.kind.activation?.cutsOff == true {
        return Verdict(.error, "gets the output of a \(last.op)")
      }
    }
    guard positive || head.endsInKernel else { return nil }
    return Verdict(positive ? .error : .warning, "gets the scores of a layer without log-softmax")
  }
}

/// The activations between a prediction and the last layer of weights, the last one first.
struct HeadChain {
  private(set) var nodes: [Graph.Node] = []
  /// Whether a layer of weights was met before anything else.
  private(set) var endsInKernel = false

  init(_ prediction: Int, _ graph: Graph) {
    var tensor = prediction
    while let index = graph.producer[tensor] {
      let node = graph.nodes[index]
      guard let input = node.inputs.first.flatMap({ $0 }) else { return }
      if node.kind.states(.weighs) {
        endsInKernel = true
        return
      }
      let isClip = node.kind.states(.clipsValues)
      if node.kind.activation != nil && !isClip || node.kind.states(.logarithm) {
        nodes.append(node)
      } else if node.kind.states(.adds) {
        // A bias, or what keeps a logarithm from zero.
        guard node.inputs.dropFirst().allSatisfy({ $0.map { graph.producer[$0] == nil } ?? true })
        else { return }
      } else if !isClip, !node.kind.states(.passesValues) {
        return
      }
      tensor = input
    }
  }
}

extension ActivationLossMismatch {
  private static let rows: [[Float]] = [[1, 2], [-1, 0.5], [0.3, -2]]

  private static func head(
    _ net: inout RunBuilder, _ ops: [String], _ units: Int, _ loss: String, _ shape: [Int],
    _ targets: [Float]
  ) {
    net.input(rows)
    net.dense("fc", (0..<units).map { [Float($0) / 4 - 0.5, 0.3 - Float($0) / 5] })
    for op in ops { net.layer(op) }
    net.loss(loss, shape: shape, targets)
  }

  private static let examples: [Example] = [
    .fires("a softmax before cross-entropy", at: ["softmax1"]) {
      head(&$0, ["Softmax"], 3, "cross-entropy", [3], [0, 1, 2])
    },
    .fires("a sigmoid before bce-with-logits", at: ["sigmoid1"]) {
      head(&$0, ["Sigmoid"], 1, "bce-with-logits", [3, 1], [0, 1, 1])
    },
    .fires("raw scores under bce", at: ["fc"]) {
      head(&$0, [], 1, "bce", [3, 1], [0, 1, 1])
    },
    .fires("a softmax over one unit", at: ["softmax1"]) {
      head(&$0, ["Softmax"], 1, "bce", [3, 1], [0, 1, 1])
    },
    .fires("probabilities where logarithms are due", at: ["softmax1"]) {
      head(&$0, ["Softmax"], 3, "nll", [3], [0, 1, 2])
    },
    .fires("a ReLU before logits", at: ["relu1"]) {
      head(&$0, ["Relu"], 3, "cross-entropy", [3], [0, 1, 2])
    },
    .fires("a distance as a score", at: ["sum1"]) { net in
      net.input(rows)
      net.dense("fc", [[0.5, 1], [-0.3, 0.2]])
      net.layer("Abs")
      net.layer("ReduceSum", "sum1", operands: ["axes"])
      net.parameter("axes", shape: [1], [1], trainable: false)
      net.loss("bce-with-logits", shape: [3, 1], [0, 1, 1])
    },
    .silent("a distance with a layer behind it") { net in
      net.input(rows)
      net.dense("fc", [[0.5, 1], [-0.3, 0.2]])
      net.layer("Abs")
      net.dense("out", [[-0.5, 0.25]])
      net.loss("bce-with-logits", shape: [3, 1], [0, 1, 1])
    },
    .fires("a log-softmax before cross-entropy: a note", at: ["logsoftmax1"]) {
      head(&$0, ["LogSoftmax"], 3, "cross-entropy", [3], [0, 1, 2])
    },
    .silent("logits under cross-entropy") {
      head(&$0, [], 3, "cross-entropy", [3], [0, 1, 2])
    },
    .silent("a sigmoid under bce") { head(&$0, ["Sigmoid"], 1, "bce", [3, 1], [0, 1, 1]) },
    .silent("a log-softmax under nll") {
      head(&$0, ["LogSoftmax"], 3, "nll", [3], [0, 1, 2])
    },
    .silent("a sigmoid under squared error") {
      head(&$0, ["Sigmoid"], 1, "mse", [3, 1], [0, 1, 1])
    },
    .cannotTell("no loss") { net in
      net.input(rows)
      net.dense("fc", [[1, 1]])
      net.layer("Softmax")
    },
  ]
}
