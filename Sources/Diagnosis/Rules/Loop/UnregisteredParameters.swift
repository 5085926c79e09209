import Runs
import Trials

/// Trainable tensors that the model uses and does not list among its parameters.
struct UnregisteredParameters: Rule {
  static let info = RuleInfo(
    id: "unregistered-parameters", title: "Tensors that are no parameters of the model",
    severity: .error, evidence: .proof,
    summary: """
      The network uses trainable tensors that its own list of parameters lacks, so that no optimizer \
      made of that list moves them; an error when the training ends decisively worse without them.
      """,
    rationale: """
      A framework finds the parameters of a module by its attributes. Layers in a plain list or
      dictionary, a tensor that is no nn.Parameter, and a layer that forward makes anew are not found:
      parameters() leaves them out, and so do the optimizer, state_dict() and to(device). They stay at
      their random start, whatever their gradients say. A trial with all of them in the optimizer tells
      what that costs; without one it is a warning.
      """,
    remedy: """
      Keep layers in nn.ModuleList or nn.ModuleDict and tensors as nn.Parameter, made once in __init__; \
      then make the optimizer of model.parameters().
      """,
    source: "PyTorch documentation, torch.nn.ModuleList and torch.nn.parameter.Parameter",
    thresholds: TrialComparison.thresholds, harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let trainable = exam.run.graph.parameters.filter { $0.trainable && $0.array.count > 0 }
    let strangers = trainable.filter { !$0.isRegistered }
      .sorted { norm($0, exam) > norm($1, exam) }
    guard let first = strangers.first else { return [] }
    let isAll = strangers.count == trainable.count
    let values = strangers.reduce(0) { $0 + $1.array.count }
    let moved = strangers.filter { hasMoved($0, exam) }
    var text = """
      Proved: the network uses \(Wording.count(strangers.count, "trainable tensor")) that \
      parameters() does not list (\(names(strangers))), \(Wording.count(values, "value")) in all. \
      No optimizer made of that list moves \(strangers.count == 1 ? "it" : "them").
      """
    var severity: Severity = isAll ? .error : .warning
    var evidence = [
      Measure("unregistered", .strings(strangers.map(\.name))),
      Measure("gradient_norms", .numbers(strangers.map { norm($0, exam) })),
      Measure("registered", trainable.count - strangers.count, unit: "trainable parameters"),
    ]
    let comparison = try? TrialComparison(exam, for: Self.self)
    let winner = comparison.flatMap { $0.winner($0.complete) }
    let loop = try? LoopComparison(exam)
    let lifted = loop?.trials.lifted(.complete)
    if !moved.isEmpty {
      severity = .note
      text += " Yet \(moved.count) of them moved: the optimizer was given them by hand."
    } else if let comparison, let winner {
      severity = .error
      text += """
         In trials on \(comparison.judges): \(comparison.outcome()); with them in the optimizer, \
        \(comparison.updates(winner)) updates leave \(comparison.left(winner)).
        """
      evidence += comparison.evidence(winner)
    } else if let loop, let lifted {
      severity = isAll ? .error : loop.severity(lifted)
      text += """
         With them in the optimizer, the same training ends at a loss of \(loop.loss(lifted)); yours \
        ended at \(loop.ended).
        """
      evidence += loop.evidence(lifted)
    }
    var finding = Finding(
      Self.self, severity, at: Place(.parameter, first.name), text, evidence: evidence,
      tensors: strangers.map(\.tensor),
      remaining: winner.flatMap { comparison?.remaining($0) } ?? lifted?.end,
      facts: Facts(stopsTraining: isAll && moved.isEmpty))
    finding.others = strangers.dropFirst().map { Place(.parameter, $0.name) }
    return [finding]
  }

  private func names(_ parameters: [Graph.Parameter]) -> String {
    let shown = parameters.prefix(3).map(\.name).joined(separator: ", ")
    return parameters.count > 3 ? shown + ", …" : shown
  }

  private func norm(_ parameter: Graph.Parameter, _ exam: Examination) -> Double {
    Movement.gradientNorm(parameter, exam) ?? 0
  }

  private func hasMoved(_ parameter: Graph.Parameter, _ exam: Examination) -> Bool {
    let start = exam.initialValues(parameter)
    return !start.isEmpty && !start.elementsEqual(exam.values(parameter))
  }
}

extension UnregisteredParameters {
  /// y = x₀ − 2·x₁ by a trunk that forgets x₁, and a head.
  private static func network(
    _ net: inout RunBuilder, registered: Bool = false, moved: Bool = false,
    optimizer: Bool = true
  ) {
    let rows: [[Float]] = (0..<60).map { row -> [Float] in
      [Float((row * 7) % 11) / 5 - 1, Float((row * 5) % 13) / 6 - 1]
    }
    net.input(rows)
    let trunk: [Float] = [1, 0, 0.5, 0]
    net.parameter(
      "layers[0].weight", shape: [2, 2], moved ? [0.9, 0, 0.4, 0] : trunk, initial: trunk,
      registered: registered)
    net.layer(
      "Gemm", "trunk", operands: ["layers[0].weight"], attributes: ["transB": .int(1)])
    net.dense("head", [[0.8, 0.4]], initial: [[0.1, 0.1]])
    net.loss("mse", shape: [60, 1], rows.map { row -> Float in row[0] - 2 * row[1] })
    net.training["steps"] = .int(200)
    guard optimizer else { return }
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(0.1),
      "missing": .strings(registered ? [] : ["layers[0].weight"]),
    ])
  }

  private static let examples: [Example] = [
    .fires("a layer in a plain list, without which half is lost", at: ["layers[0].weight"]) {
      network(&$0)
    },
    .fires("the same where no trial tells: a warning", at: ["layers[0].weight"]) {
      network(&$0, optimizer: false)
    },
    .fires("given to the optimizer by hand: a note", at: ["layers[0].weight"]) {
      network(&$0, moved: true)
    },
    .silent("all are registered") { network(&$0, registered: true) },
  ]
}
