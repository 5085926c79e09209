/// A layer after which all samples look the same.
struct SignalCollapse: Rule {
  static let info = RuleInfo(
    id: "signal-collapse", title: "The samples become indistinguishable", severity: .error,
    evidence: .proof,
    summary: """
      After a layer the variation between samples is below a millionth of the values' magnitude, \
      although its input still varied.
      """,
    rationale: """
      What a layer does not pass on, no later layer can use. The first layer whose output is the
      same for every sample is where the information about the input is lost; the size of the
      values does not matter, only whether they differ from sample to sample. The limit of 1e-6 is
      what float32 can tell apart at all.
      """,
    remedy: """
      Draw the weights of this layer anew (He or Glorot initialisation), scale what goes into it, or \
      use an activation that is nowhere flat.
      """,
    source: "Schoenholz et al., Deep Information Propagation (2017), arXiv:1611.01232",
    harmsLearning: true, link: .state, onset: .samePlace, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireFinite()
    try exam.requireSamples()
    let graph = exam.run.graph
    let ends = exam.run.losses.map(\.prediction) + graph.outputs
    var worst: [Int: Severity] = [:]
    for end in Set(ends) {
      // A collapse beside a path that still carries the signal costs less than one on the only path.
      let severity: Severity = SignalPath.varies(end, exam) ? .warning : .error
      for tensor in SignalPath.collapses(before: end, exam) {
        worst[tensor] = max(worst[tensor] ?? .note, severity)
      }
    }
    return worst.sorted { $0.key < $1.key }.compactMap { tensor, severity in
      guard let moments = exam.current.activations[tensor], let index = graph.producer[tensor]
      else { return nil }
      let node = graph.nodes[index]
      let before =
        node.inputs.compactMap { $0 }.compactMap { exam.current.activations[$0] }
        .map { SignalPath.relativeVariation($0) }.max() ?? 0
      let after = SignalPath.relativeVariation(moments)
      return Finding(
        Self.self, severity, at: Place(.layer, node.layer),
        """
        Proved on \(exam.current.samples) samples: the relative variation between samples falls \
        from \(Wording.number(before)) to \(Wording.number(after)) in this \(node.op).
        """,
        evidence: [
          Measure("variation_before", before, unit: "of the root mean square"),
          Measure("variation_after", after, unit: "of the root mean square", threshold: 1e-6),
        ], tensors: [tensor] + node.inputs.compactMap { $0 },
        facts: Facts(amount: Amount(after, of: nil, "relative variation")))
    }
  }
}

extension SignalCollapse {
  private static let examples: [Example] = [
    .fires("a dead layer", at: ["relu1"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[1, 1], [0.5, -1]], bias: [-10, -10])
      net.layer("Relu")
      net.dense("fc2", [[1, 1]], bias: [3])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .fires("weights of zero", at: ["fc1"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[0, 0]], bias: [1])
      net.dense("fc2", [[1]], bias: [3])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("tiny values that still differ") { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[1e-12, 2e-12]])
      net.dense("fc2", [[1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .cannotTell("one sample only") { net in
      net.input([[1, 2]])
      net.dense("fc1", [[0, 0]])
      net.loss("mse", shape: [1, 1], [1])
    },
  ]
}
