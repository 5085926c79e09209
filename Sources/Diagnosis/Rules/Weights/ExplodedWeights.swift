import Replay
import Runs

/// Weights that the training has blown up.
struct ExplodedWeights: Rule {
  static let growth = Threshold(
    "growth", 10, unit: "times the initial norm", "a kernel that grew by more fires")
  static let scheme = Threshold(
    "scheme", 100, unit: "times He's size for the shape", "a kernel that is larger fires")
  static let errorGrowth = Threshold(
    "error-growth", 1000, unit: "times", "more than that is an error")

  static let info = RuleInfo(
    id: "exploded-weights", title: "Weights that exploded", severity: .warning,
    evidence: .heuristic,
    summary: """
      A kernel's norm is more than 10 times its initial one, or more than 100 times what He \
      initialisation gives its shape.
      """,
    rationale: """
      Steps that are too large throw the weights outwards, from where smaller steps do not find
      back. Growth from a tiny start is no explosion: a kernel counts only where it is also more
      than twice as large as He's initial size, and a head only where what it predicts is more than
      ten times as large as its targets, for a linear model has the weights that its targets need.
      """,
    remedy: "Lower the learning rate, clip the gradient, scale inputs and targets.",
    source: "Reasoned; Pascanu, Mikolov & Bengio (2013), arXiv:1211.5063",
    thresholds: [growth, scheme, errorGrowth], harmsLearning: true, link: .state,
    onset: .samePlace, examples: examples
  )

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let kernels = exam.kernels.filter(\.parameter.trainable)
    guard !kernels.isEmpty else { throw NotChecked("no layer has weights that are trained") }
    if exam.isTrained == false { return [] }
    return kernels.compactMap { finding($0, exam) }
  }

  private static func norm(_ values: UnsafeBufferPointer<Float>) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  private func finding(_ kernel: Examination.Kernel, _ exam: Examination) -> Finding? {
    let values = exam.values(kernel.parameter)
    let now = Self.norm(values)
    guard now.isFinite, !values.isEmpty, kernel.layout.units > 0 else { return nil }
    let he = (2.0 * Double(kernel.layout.units)).squareRoot()
    let start = Self.norm(exam.initialValues(kernel.parameter))
    let grown = start > 0 && start.isFinite ? now / start : nil
    let size = now / he
    let limits = (
      exam.value(Self.growth, of: Self.self), exam.value(Self.scheme, of: Self.self)
    )
    guard size > 2, (grown ?? 0) > limits.0 || size > limits.1, !isNeeded(kernel, exam) else {
      return nil
    }
    let worst = max(grown ?? 0, size)
    let text =
      grown.map { "\(Wording.number($0)) times its norm at the start, and " } ?? ""
    return Finding(
      Self.self, worst > exam.value(Self.errorGrowth, of: Self.self) ? .error : .warning,
      at: Place(.parameter, kernel.parameter.name),
      """
      Its \(Wording.count(values.count, "weight")) have norm \(Wording.number(now)): \(text)\
      \(Wording.number(size)) times what He initialisation gives this shape.
      """,
      evidence: [
        Measure("norm", now),
        Measure(
          "growth", grown.map { .number($0) } ?? .null, unit: "times the initial norm",
          threshold: limits.0),
        Measure("size", size, unit: "times He's size for the shape", threshold: limits.1),
      ], tensors: [kernel.parameter.tensor] + kernel.node.outputs,
      facts: Facts(amount: Amount(now, of: nil, "norm")))
  }

  /// Whether a head is no larger than its targets need.
  private func isNeeded(_ kernel: Examination.Kernel, _ exam: Examination) -> Bool {
    let losses = exam.run.losses.filter { term in
      kernel.node.outputs.contains(term.prediction)
        || SignalPath.ancestors(of: term.prediction, exam.run.graph).isSuperset(
          of: kernel.node.outputs) && kernel.node.outputs.contains { exam.isHead($0) }
    }
    return losses.contains { term in
      guard type(of: term.loss).info.targets == .values,
        let predicted = exam.current.activations[term.prediction]?.magnitude,
        let wanted = exam.data.arrays[term.target]?.columns.magnitude
      else { return false }
      return predicted <= 10 * wanted
    }
  }
}

extension ExplodedWeights {
  private static let rows: [[Float]] = [[1, 2], [-1, 0.5], [0.3, -2]]

  private static func network(_ net: inout RunBuilder, _ now: Float, from start: Float?) {
    net.input(rows)
    net.dense(
      "fc1", [[now, -now], [now, now / 2]],
      initial: start.map { [[$0, -$0], [$0, $0 / 2]] })
    net.layer("Relu")
    net.dense("fc2", [[0.3, 0.2]], initial: start.map { _ in [[0.3, 0.1]] })
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    net.training["epochs"] = .int(10)
  }

  private static let examples: [Example] = [
    .fires("fifty times the start", at: ["fc1.weight"]) { network(&$0, 50, from: 1) },
    .fires("no initial weights, but a size out of all proportion", at: ["fc1.weight"]) {
      network(&$0, 5000, from: nil)
    },
    .silent("growth from almost nothing") { network(&$0, 1, from: 0.01) },
    .silent("a linear model of large targets") { net in
      net.input(rows)
      net.dense("fc", [[900, 400]], initial: [[0.5, 0.2]])
      net.loss("mse", shape: [3, 1], [1700, -700, -530])
      net.training["epochs"] = .int(10)
    },
    .cannotTell("no kernel") { net in
      net.input(rows)
      net.layer("Relu")
      net.loss("mse", shape: [3, 2], [1, 2, 3, 4, 5, 6])
    },
  ]
}
