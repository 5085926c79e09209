import Runs

/// Settings of the optimizer that make no sense. (The settings themselves have the plain name.)
struct OptimizerSettingsRule: Rule {
  static let momentum = Threshold(
    "momentum", 0.999, unit: "momentum or beta1", "that much or more forgets too slowly")
  static let epsilon = Threshold(
    "epsilon", 1, unit: "times the typical gradient", "a larger epsilon rules the step")

  static let info = RuleInfo(
    id: "optimizer-settings", title: "Settings of the optimizer out of sense", severity: .warning,
    evidence: .heuristic,
    summary: """
      A learning rate of zero or less, momentum or a beta at 1 or near it, an epsilon of zero or \
      above the gradients, a negative decay, or weight decay folded into Adam.
      """,
    rationale: """
      Momentum m adds up 1/(1 − m) gradients: at 0.999 a step follows the last thousand, and the
      effective learning rate is a thousand times the one that was set. A beta2 below beta1² lets
      Adam's step outgrow its learning rate. Epsilon is there to keep a division by zero out; where
      it exceeds the gradients it divides the learning rate instead, and where it is zero a gradient
      of zero gives NaN. Weight decay inside Adam is divided by the gradient's size like everything
      else, so that AdamW separates the two: a note.
      """,
    remedy: "Start from the framework's defaults: momentum 0.9, betas 0.9 and 0.999, eps 1e-8.",
    source: "Kingma & Ba (2015), arXiv:1412.6980; Loshchilov & Hutter (2019), arXiv:1711.05101",
    thresholds: [momentum, epsilon], harmsLearning: true, examples: examples)

  private struct Remark {
    let severity: Severity
    let text: String
    let measure: Measure
  }

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard let optimizer = exam.run.training.optimizer else {
      throw NotChecked("the run does not say how it was optimized")
    }
    var remarks = rates(optimizer.learningRate, exam)
    for group in optimizer.groups {
      if let rate = group.numbers["learning_rate"] { remarks += rates(rate, exam) }
    }
    remarks += momenta(optimizer, exam) + epsilons(optimizer, exam) + decays(optimizer)
    guard let worst = remarks.map(\.severity).max() else { return [] }
    let texts = remarks.filter { $0.severity == worst || worst > .note }.map(\.text)
    return [
      Finding(
        Self.self, worst, at: Place(.run, optimizer.kind),
        "\(Self.capitalized(texts.joined(separator: "; "))).",
        evidence: remarks.map(\.measure),
        facts: Facts(hasNoRate: optimizer.learningRate <= 0))
    ]
  }

  private static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }

  private func rates(_ rate: Double, _ exam: Examination) -> [Remark] {
    guard !(rate > 0) else { return [] }
    // Frozen groups are often given a rate of zero: only below it every step goes uphill.
    let text =
      rate < 0
      ? "a learning rate of \(Wording.number(rate)) climbs the loss"
      : "a learning rate of \(Wording.number(rate)) moves nothing"
    return [
      Remark(
        severity: rate == 0 ? .warning : .error, text: text,
        measure: Measure("learning_rate", rate, threshold: 0))
    ]
  }

  private func momenta(_ optimizer: OptimizerSettings, _ exam: Examination) -> [Remark] {
    let limit = exam.value(Self.momentum, of: Self.self)
    var remarks: [Remark] = []
    let first = optimizer.numbers["momentum"].map { ("momentum", $0) }
    for (name, value) in [first, optimizer.betas?.first.map { ("beta1", $0) }].compactMap({ $0 }) {
      guard value >= limit || value < 0 else { continue }
      let text =
        value >= 1
        ? "\(name) \(Wording.number(value)) never forgets a gradient"
        : value < 0
          ? "\(name) \(Wording.number(value)) is negative"
          : "\(name) \(Wording.number(value)) adds up the last "
            + "\(Wording.number(1 / (1 - value))) gradients"
      remarks.append(
        Remark(
          severity: value >= 1 ? .error : .warning, text: text,
          measure: Measure(name, value, threshold: limit)))
    }
    if let betas = optimizer.betas, betas.count == 2 {
      let (one, two) = (betas[0], betas[1])
      if two >= 1 || two < 0 || two < one * one {
        let text =
          two >= 1 || two < 0
          ? "beta2 is \(Wording.number(two)), outside of 0 to 1"
          : "beta2 \(Wording.number(two)) is below the square of beta1 \(Wording.number(one))"
        remarks.append(
          Remark(
            severity: .warning, text: text, measure: Measure("beta2", two, threshold: one * one))
        )
      }
    }
    if optimizer.numbers["nesterov"] == 1, (optimizer.numbers["momentum"] ?? 0) == 0,
      optimizer.kind == "sgd"
    {
      remarks.append(
        Remark(
          severity: .note, text: "nesterov does nothing without momentum",
          measure: Measure("nesterov", 1)))
    }
    return remarks
  }

  private func epsilons(_ optimizer: OptimizerSettings, _ exam: Examination) -> [Remark] {
    guard optimizer.kind != "sgd", let epsilon = optimizer.numbers["eps"] else { return [] }
    if epsilon <= 0 {
      return [
        Remark(
          severity: .warning,
          text: "an epsilon of \(Wording.number(epsilon)) divides by zero where a gradient is zero",
          measure: Measure("eps", epsilon, threshold: 0))
      ]
    }
    guard let typical = typicalGradient(exam) else { return [] }
    let limit = exam.value(Self.epsilon, of: Self.self)
    // Gradients fade when a training ends, so that a usual epsilon is left alone.
    guard epsilon > 1e-4, epsilon > limit * typical else { return [] }
    return [
      Remark(
        severity: .warning,
        text: """
          epsilon \(Wording.number(epsilon)) is larger than the gradients, whose root mean square is \
          \(Wording.number(typical)): it sets the step, not the gradients' own size
          """,
        measure: Measure(
          "eps_by_gradient", epsilon / typical, unit: "times the typical gradient",
          threshold: limit))
    ]
  }

  /// The root mean square of all gradients at the first snapshot that is known.
  private func typicalGradient(_ exam: Examination) -> Double? {
    guard let snapshot = exam.snapshots.first else { return nil }
    let gradients = snapshot.vitals.parameterGradients.compactMap { $0 }
    let count = gradients.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    let squares = gradients.reduce(0.0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
    return (squares / Double(count)).squareRoot()
  }

  private func decays(_ optimizer: OptimizerSettings) -> [Remark] {
    guard let decay = optimizer.numbers["weight_decay"], decay != 0 else { return [] }
    if decay < 0 {
      return [
        Remark(
          severity: .warning,
          text: "a weight decay of \(Wording.number(decay)) makes the weights grow",
          measure: Measure("weight_decay", decay, threshold: 0))
      ]
    }
    guard optimizer.kind == "adam", optimizer.numbers["decoupled"] != 1 else { return [] }
    return [
      Remark(
        severity: .note,
        text: "Adam divides its weight decay of \(Wording.number(decay)) by the gradients' size",
        measure: Measure("weight_decay", decay))
    ]
  }
}

extension OptimizerSettingsRule {
  private static func network(_ net: inout RunBuilder, _ settings: [String: JSONValue]) {
    net.input([[1], [2], [3]])
    net.dense("fc", [[0.5]])
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    net.training["optimizer"] = .object(settings)
  }

  private static let examples: [Example] = [
    .fires("momentum of 0.9999", at: ["sgd"]) {
      network(
        &$0,
        ["kind": .string("sgd"), "learning_rate": .number(0.01), "momentum": .number(0.9999)])
    },
    .fires("an epsilon beyond all gradients", at: ["adam"]) {
      network(
        &$0, ["kind": .string("adam"), "learning_rate": .number(0.01), "eps": .number(100)])
    },
    .fires("weight decay inside Adam: a note", at: ["adam"]) {
      network(
        &$0,
        ["kind": .string("adam"), "learning_rate": .number(0.01), "weight_decay": .number(0.01)])
    },
    .silent("Adam's defaults") {
      network(
        &$0,
        [
          "kind": .string("adam"), "learning_rate": .number(0.001), "eps": .number(1e-8),
          "betas": .numbers([0.9, 0.999]),
        ])
    },
    .silent("plain momentum") {
      network(
        &$0, ["kind": .string("sgd"), "learning_rate": .number(0.1), "momentum": .number(0.9)])
    },
    .silent("weight decay in AdamW") {
      network(
        &$0,
        ["kind": .string("adamw"), "learning_rate": .number(0.01), "weight_decay": .number(0.01)])
    },
    .cannotTell("no optimizer") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
