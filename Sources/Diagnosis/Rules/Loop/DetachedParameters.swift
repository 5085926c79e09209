import Runs

/// Trainable parameters that the gradient of no loss comes to, because something stops it.
struct DetachedParameters: Rule {
  static let info = RuleInfo(
    id: "detached-parameters", title: "Parameters cut off from the loss", severity: .error,
    evidence: .proof,
    summary: """
      The losses depend on trainable parameters, and every way back to them is stopped: by detach, \
      no_grad, .data, stop_gradient or a round trip through NumPy.
      """,
    rationale: """
      What is detached is a constant for the gradient. Layers before it stay as they began, however
      large the learning rate, while the loss that the forward pass gives looks as it should. It is an
      error when nothing that the losses depend on is left to train, and a warning for a part of the
      network that the optimizer holds. Parts that are cut off on purpose, such as a target network or
      features that are kept, are not given to the optimizer: they are a note. The gradient that would
      be there is that of the same network without the stop, on up to 512 samples.
      """,
    remedy: """
      Take detach(), .data, no_grad() or numpy() out of forward between these parameters and the loss; \
      if it is meant, freeze them (requires_grad = False) or leave them out of the optimizer.
      """,
    source: "PyTorch documentation, autograd mechanics: locally disabling gradient computation",
    harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    let graph = exam.run.graph
    let cut = graph.parameters.filter {
      $0.trainable && $0.array.count > 0 && exam.flow.stopped[$0.tensor]
    }.sorted { norm($0, exam) > norm($1, exam) }
    guard let first = cut.first else { return [] }
    let isAll = !graph.parameters.contains { $0.trainable && exam.flow.reached[$0.tensor] }
    let optimizer = exam.run.training.optimizer
    let held = cut.filter { !(optimizer?.missing.contains($0.name) ?? false) }
    let stops = graph.nodes.filter { node in
      node.kind.states(.stopsGradients) && node.outputs.contains { exam.flow.reached[$0] }
    }
    let total = cut.reduce(0) { $0 + norm($1, exam) * norm($1, exam) }.squareRoot()
    let rest =
      isAll
      ? "Nothing that the loss depends on is left to train."
      : held.isEmpty
        ? "The optimizer does not hold \(cut.count == 1 ? "it" : "them"): it seems to be meant."
        : "The rest of the network trains."
    let would =
      total > 0
      ? " Without the stop \(cut.count == 1 ? "its gradient has" : "their gradients have") norm "
        + "\(Wording.number(total))." : ""
    let comparison = try? LoopComparison(exam)
    let freed = comparison?.trials.lifted(.unstopped)
    let severity: Severity = isAll ? .error : held.isEmpty ? .note : .warning
    let proof =
      comparison.flatMap { loop in
        freed.map {
          " Without it, the same training ends at a loss of \(loop.loss($0)); yours ended at "
            + "\(loop.ended)."
        }
      } ?? ""
    var finding = Finding(
      Self.self,
      severity == .warning ? freed.flatMap { comparison?.severity($0) } ?? severity : severity,
      at: Place(.parameter, first.name),
      """
      Proved: the loss depends on \(Wording.count(cut.count, "trainable parameter")) whose gradient \
      is stopped at \(stops.map(\.layer).joined(separator: ", ")).\(would) \(rest)\(proof)
      """,
      evidence: [
        Measure("cut", .strings(cut.map(\.name))),
        Measure("stops", .strings(stops.map(\.layer))),
        Measure("gradient_norms", .numbers(cut.map { norm($0, exam) }), unit: "without the stop"),
      ], tensors: cut.map(\.tensor) + stops.flatMap(\.outputs), remaining: freed?.end,
      facts: Facts(stopsTraining: isAll))
    finding.others = cut.dropFirst().map { Place(.parameter, $0.name) }
    return [finding]
  }

  /// The norm of the gradient that would be there.
  private func norm(_ parameter: Graph.Parameter, _ exam: Examination) -> Double {
    exam.unstopped[parameter.tensor] ?? 0
  }
}

extension DetachedParameters {
  /// A trunk and a head, with a stop somewhere.
  private static func network(
    _ net: inout RunBuilder, afterTrunk: Bool = false, afterHead: Bool = false,
    missing: [String] = []
  ) {
    net.input([[1], [2], [3]])
    net.dense("trunk", [[0.5]])
    if afterTrunk { net.layer("StopGradient", "detach") }
    net.dense("head", [[0.5]])
    if afterHead { net.layer("StopGradient", "detach") }
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(0.1), "missing": .strings(missing),
    ])
  }

  private static let examples: [Example] = [
    .fires("the prediction is detached: nothing trains", at: ["trunk.weight", "head.weight"]) {
      network(&$0, afterHead: true)
    },
    .fires("the features are detached: a warning", at: ["trunk.weight"]) {
      network(&$0, afterTrunk: true)
    },
    .fires("features that the optimizer does not hold: a note", at: ["trunk.weight"]) {
      network(&$0, afterTrunk: true, missing: ["trunk.weight"])
    },
    .silent("another way leads around the stop") { net in
      net.input([[1], [2], [3]])
      net.dense("trunk", [[0.5]])
      net.layer("StopGradient", "detach")
      net.layer("Add", "sum", operands: ["trunk"])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("nothing is stopped") { network(&$0) },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.layer("StopGradient", "detach")
    },
  ]
}
