import Replay

/// Parameters that the training has not moved.
struct UnchangedWeights: Rule {
  static let relativeChange = Threshold(
    "relative-change", 1e-6, unit: "of the initial norm", "a smaller change counts as none")

  static let info = RuleInfo(
    id: "unchanged-weights", title: "A parameter that training did not move", severity: .warning,
    evidence: .proof,
    summary: "A trainable parameter still equals its value from before the training.",
    rationale: """
      Every step of every optimizer moves a parameter that has a gradient. One that has not moved
      had none, was not given to the optimizer, or moved by less than float32 can hold. Parameters
      marked as frozen are left out, and so is a run that says nothing of any training.
      """,
    remedy: "Give the parameter to the optimizer, or freeze it on purpose (requires_grad = False).",
    source: "Reasoned; float32 holds relative changes down to 6e-8",
    thresholds: [relativeChange], harmsLearning: true, link: .outcome, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let parameters = exam.run.graph.parameters.filter { $0.trainable && $0.initial != nil }
    guard !parameters.isEmpty else {
      throw NotChecked("the weights before the training were not exported")
    }
    let training = exam.run.training
    let said = !exam.run.history.isEmpty || (training.steps ?? training.epochs ?? 0) > 0
    guard said || exam.isTrained == true else {
      throw NotChecked("the run does not say that it was trained")
    }
    let limit = exam.value(Self.relativeChange, of: Self.self)
    return parameters.compactMap { parameter in
      let (change, norm) = Self.change(exam.values(parameter), exam.initialValues(parameter))
      guard parameter.array.count > 0, change.isFinite, change <= limit * norm || change == 0
      else { return nil }
      return finding(parameter, change, norm, limit, exam)
    }
  }

  /// The norms of the change and of the initial values.
  private static func change(
    _ now: UnsafeBufferPointer<Float>, _ start: UnsafeBufferPointer<Float>
  ) -> (Double, Double) {
    var change = 0.0
    var norm = 0.0
    for (a, b) in zip(now, start) {
      change += (Double(a) - Double(b)) * (Double(a) - Double(b))
      norm += Double(b) * Double(b)
    }
    return (change.squareRoot(), norm.squareRoot())
  }

  private func finding(
    _ parameter: Graph.Parameter, _ change: Double, _ norm: Double, _ limit: Double,
    _ exam: Examination
  ) -> Finding {
    let gradient = exam.current.parameterGradients[parameter.tensor].map {
      $0.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    return Finding(
      Self.self, .warning, at: Place(.parameter, parameter.name),
      """
      Proved: after the training its \(Wording.count(parameter.array.count, "value")) differ\
      \(parameter.array.count == 1 ? "s" : "") from the start by \(Wording.number(change)) in norm, \
      of \(Wording.number(norm)). The gradient there has norm \
      \(gradient.map(Wording.number) ?? "zero, since no loss depends on it").
      """,
      evidence: [
        Measure(
          "relative_change", norm > 0 ? change / norm : change, unit: "of the initial norm",
          threshold: limit),
        Measure("gradient_norm", gradient ?? 0),
        Measure("steps", exam.run.training.steps.map { .int($0) } ?? .null),
      ], tensors: [parameter.tensor])
  }

  func causes(of finding: Finding, among all: [Finding], _ exam: Examination) -> [Finding] {
    all.about(finding.tensors, rules: [ZeroGradient.self]).filter {
      $0.place.name == finding.place.name
    }
  }
}

extension UnchangedWeights {
  private static let examples: [Example] = [
    .fires("one of two layers stood still", at: ["fc1.weight"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc1", [[0.5]], initial: [[0.5]])
      net.dense("fc2", [[0.4]], initial: [[0.3]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.training["epochs"] = .int(10)
    },
    .silent("everything moved") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.4]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.training["epochs"] = .int(10)
    },
    .cannotTell("no initial weights") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .cannotTell("a fresh model, exported twice") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
  ]
}
