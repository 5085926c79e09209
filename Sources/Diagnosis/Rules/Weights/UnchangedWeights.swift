import Runs

/// Parameters that the training has not moved.
struct UnchangedWeights: Rule {
  static let relativeChange = Threshold(
    "relative-change", 1e-6, unit: "of the initial norm", "a smaller change counts as none")

  /// A step below this share of a weight is lost in float32.
  private static let lost = 6e-8

  static let info = RuleInfo(
    id: "unchanged-weights", title: "A parameter that training did not move", severity: .warning,
    evidence: .proof,
    summary: """
      A trainable parameter still equals its value from before the training; an error when all of \
      them do although there are gradients.
      """,
    rationale: """
      Every step of every optimizer moves a parameter that has a gradient. One that has not moved
      had none, was not given to the optimizer, or moved by less than float32 can hold. Where no
      parameter moved at all under gradients that are not zero, no step was ever taken, and nothing
      else can have had a part in what came of the training. Parameters marked as frozen are left
      out, and so is a run that says nothing of any training. If the recorded loss fell, or the loss
      is far below a constant's, weights did move: then those handed over as from before the training
      are the same tensors as those after it.
      """,
    remedy: "Give the parameter to the optimizer, or freeze it on purpose (requires_grad = False).",
    source: "Reasoned; float32 holds relative changes down to 6e-8",
    thresholds: [relativeChange], harmsLearning: true, link: .outcome, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let parameters = exam.run.graph.parameters.filter {
      $0.trainable && $0.initial != nil && $0.array.count > 0
    }
    guard !parameters.isEmpty else {
      throw NotChecked("the weights before the training were not exported")
    }
    let training = exam.run.training
    let said = !exam.run.history.isEmpty || (training.steps ?? training.epochs ?? 0) > 0
    guard said || exam.isTrained == true else {
      throw NotChecked("the run does not say that it was trained")
    }
    let limit = exam.value(Self.relativeChange, of: Self.self)
    let still = parameters.compactMap { parameter -> Still? in
      let (change, norm) = Self.change(exam.values(parameter), exam.initialValues(parameter))
      guard change.isFinite, change <= limit * norm || change == 0 else { return nil }
      let gradient = exam.current.parameterGradients[parameter.tensor].map {
        $0.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      return Still(parameter: parameter, change: change, norm: norm, gradient: gradient)
    }
    let isMoved = { (one: Still) in (one.gradient ?? 0) > 0 }
    if still.count == parameters.count, still.contains(where: isMoved) {
      if Self.isAliased(exam) {
        throw NotChecked(
          """
          the weights handed over as from before the training are those after it, although the loss \
          came down: take a copy before the training, as with copy.deepcopy(model.state_dict())
          """)
      }
      return [nothing(still.filter(isMoved) + still.filter { !isMoved($0) }, exam)]
    }
    // What the optimizer does not hold has a finding of its own.
    let missing = Set(training.optimizer?.missing ?? [])
    return still.filter { !missing.contains($0.parameter.name) }.map { finding($0, limit, exam) }
  }

  /// A parameter that did not move.
  private struct Still {
    let parameter: Graph.Parameter
    let change: Double
    let norm: Double
    /// The norm of its gradient; nil when no loss depends on it.
    let gradient: Double?
  }

  /// Whether the weights must have moved, so that those from before the training are not of then.
  static func isAliased(_ exam: Examination) -> Bool {
    if LossCurve.fell(exam.series["loss"] ?? []) { return true }
    return (exam.relativeLoss?.current).map { $0 < 0.5 } ?? false
  }

  /// Whether a step of the optimizer, at its learning rate, is lost in the rounding of every weight.
  static func isStepLost(_ exam: Examination) -> Bool {
    guard let optimizer = exam.run.training.optimizer, optimizer.learningRate > 0 else {
      return false
    }
    let moving = exam.run.graph.parameters.filter {
      $0.trainable && $0.array.count > 0
        && (optimizer.numbers(for: $0.name)["learning_rate"] ?? 0) > 0
    }
    return !moving.isEmpty
      && moving.allSatisfy { parameter in
        let weights = exam.values(parameter)
        let gradient = exam.current.parameterGradients[parameter.tensor] ?? []
        guard gradient.count == weights.count else { return true }
        let rate = optimizer.numbers(for: parameter.name)["learning_rate"] ?? 0
        return weights.indices.allSatisfy { index in
          let slope = optimizer.kind == "sgd" ? abs(gradient[index]) : gradient[index] == 0 ? 0 : 1
          return rate * Double(slope) <= Self.lost * abs(Double(weights[index]))
        }
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

  /// Nothing moved at all.
  private func nothing(_ still: [Still], _ exam: Examination) -> Finding {
    let norm = still.reduce(0) { $0 + ($1.gradient ?? 0) * ($1.gradient ?? 0) }.squareRoot()
    let isLost = Self.isStepLost(exam)
    let places = still.map { Place(.parameter, $0.parameter.name) }
    let updates = exam.run.updates.map { " of \(Wording.count($0, "update"))" } ?? ""
    var finding = Finding(
      Self.self, .error, at: places.first ?? Place(.run, "weights"),
      """
      Proved: after the training\(updates) all \(Wording.count(places.count, "trainable parameter")) \
      equal\(places.count == 1 ? "s" : "") the start, although the gradient has norm \
      \(Wording.number(norm)). \
      \(isLost ? "A step at this learning rate is lost in the rounding of float32." : Self.never)
      """,
      evidence: [
        Measure("unchanged", places.count, unit: "parameters"), Measure("gradient_norm", norm),
        Measure("steps", exam.run.training.steps.map { .int($0) } ?? .null),
      ],
      remedy: isLost
        ? "Raise the learning rate until a step changes the weights."
        : """
        Call loss.backward() and optimizer.step() for every batch, with an optimizer made of this \
        model's parameters.
        """,
      tensors: still.map(\.parameter.tensor),
      // Where no step changed anything it is a fault; one parameter that stood still is an outcome.
      facts: Facts(link: .fault, stopsTraining: true))
    finding.others = Array(places.dropFirst())
    return finding
  }

  private static let never =
    "No step of an optimizer reached them (or the weights from before the training are no copy)."

  private func finding(_ still: Still, _ limit: Double, _ exam: Examination) -> Finding {
    let (parameter, change, norm) = (still.parameter, still.change, still.norm)
    return Finding(
      Self.self, .warning, at: Place(.parameter, parameter.name),
      """
      Proved: after the training its \(Wording.count(parameter.array.count, "value")) differ\
      \(parameter.array.count == 1 ? "s" : "") from the start by \(Wording.number(change)) in norm, \
      of \(Wording.number(norm)). The gradient there has norm \
      \(still.gradient.map(Wording.number) ?? "zero, since no loss depends on it").
      """,
      evidence: [
        Measure(
          "relative_change", norm > 0 ? change / norm : change, unit: "of the initial norm",
          threshold: limit),
        Measure("gradient_norm", still.gradient ?? 0),
        Measure("steps", exam.run.training.steps.map { .int($0) } ?? .null),
      ], tensors: [parameter.tensor])
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
    .fires("nothing moved, under gradients: one finding", at: ["fc1.weight", "fc2.weight"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc1", [[0.5]], initial: [[0.5]])
      net.dense("fc2", [[0.4]], initial: [[0.4]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.record("loss", (0..<12).map { _ in 3 })
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
    .cannotTell("no copy was taken: the loss fell") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
      net.record("loss", (0..<12).map { 5 / Float($0 + 1) })
    },
    .cannotTell("a fresh model, exported twice") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[0.5]], initial: [[0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
  ]
}
