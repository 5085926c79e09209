import Runs

/// A number of outputs that does not fit the labels.
struct OutputUnits: Rule {
  static let info = RuleInfo(
    id: "output-units", title: "The number of outputs does not fit the labels", severity: .error,
    evidence: .proof,
    summary: "There are fewer outputs than classes, one output for several classes, or many spare.",
    rationale: """
      A classifier needs one score per class, or a single probability where there are two. Fewer
      outputs than classes leave classes that cannot be predicted; one score under a softmax is
      always 1. More outputs than classes cost little: the spare ones learn to stay low, which is a
      note. Labels that have a class for every output but start at 1 are left to invalid-targets.
      """,
    remedy: "Give the head one output per class, or one with a sigmoid for two classes.",
    source: "Humbatova et al., Taxonomy of Real Faults (2020): wrong size of the output layer",
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard !exam.run.losses.isEmpty || !exam.refused.isEmpty else {
      throw NotChecked("the run has no loss")
    }
    let refused = exam.refused.compactMap { refused in
      classes(refused.term, Array(refused.prediction), exam)
    }
    return refused
      + exam.run.losses.compactMap { term in
        switch type(of: term.loss).info.targets {
        case .classes: classes(term, exam.plan.operands[term.prediction].shape.dims, exam)
        case .probabilities: events(term, exam)
        default: nil
        }
      }
  }

  /// Labels as whole numbers from 0 on; nil for anything else.
  private func labels(_ target: String, _ exam: Examination) -> [Int]? {
    guard let labels = exam.data.arrays[target]?.labels, !labels.isEmpty else { return nil }
    var result: [Int] = []
    for value in labels.keys {
      guard let label = Int(exactly: value), label >= 0 else { return nil }
      result.append(label)
    }
    return result.sorted()
  }

  private func classes(_ term: Run.LossTerm, _ shape: [Int], _ exam: Examination) -> Finding? {
    guard shape.count > 1 else { return nil }
    let outputs = shape[1]
    if outputs == 1 {
      return finding(
        term, .error, outputs, labels(term.target, exam)?.count ?? 1,
        "a softmax over the single output is always 1, and its cross-entropy with class 0 always 0",
        exam)
    }
    guard let labels = labels(term.target, exam), let last = labels.last, let first = labels.first
    else { return nil }
    if last >= outputs {
      // From 1 to the number of outputs, or mostly beyond: the numbers are wrong, not the head.
      guard !(first == 1 && last == outputs), last < 10 * max(outputs, labels.count) else {
        return nil
      }
      return finding(
        term, .error, outputs, last + 1,
        "the labels go up to \(last), for which there is no output", exam)
    }
    guard labels.count > 1, outputs > labels.count else { return nil }
    return finding(
      term, .note, outputs, labels.count,
      "\(Wording.count(outputs - labels.count, "output")) never occur as a label", exam)
  }

  /// One probability each, and whole labels beyond 1 among the targets.
  private func events(_ term: Run.LossTerm, _ exam: Examination) -> Finding? {
    guard let labels = labels(term.target, exam), let last = labels.last, last > 1,
      labels.count > 2, labels.count <= 1000
    else { return nil }
    return finding(
      term, .error, 1, labels.count,
      "the targets are \(labels.count) labels up to \(last), of which a single probability can "
        + "tell two", exam)
  }

  private func finding(
    _ term: Run.LossTerm, _ severity: Severity, _ outputs: Int, _ classes: Int, _ text: String,
    _ exam: Examination
  ) -> Finding {
    Finding(
      Self.self, severity, at: Place(.output, exam.run.graph.layer(of: term.prediction)),
      """
      Proved on \(exam.run.samples) samples: with \(Wording.count(outputs, "output")) under \
      \(exam.loss(term)), \(text).
      """,
      evidence: [Measure("outputs", outputs), Measure("classes", classes)],
      remedy: severity == .note
        ? nil
        : "Give the head \(max(2, classes)) outputs, one per class"
          + "\(type(of: term.loss).info.targets == .classes ? "." : ", under a cross-entropy.")",
      tensors: [term.prediction])
  }
}

extension OutputUnits {
  private static func network(
    _ net: inout RunBuilder, _ units: Int, _ loss: String, _ shape: [Int], _ targets: [Float]
  ) {
    net.input((0..<targets.count).map { [Float($0) / 3 - 0.5, 0.4 - Float($0 % 2)] })
    net.dense("fc", (0..<units).map { [Float($0) / 4, 0.3 - Float($0) / 5] })
    net.loss(loss, shape: shape, targets)
  }

  private static let examples: [Example] = [
    .fires("two outputs for three classes", at: ["fc"]) {
      network(&$0, 2, "cross-entropy", [4], [0, 1, 2, 1])
    },
    .fires("one score under a softmax", at: ["fc"]) {
      network(&$0, 1, "cross-entropy", [3], [0, 0, 0])
    },
    .fires("one probability for four labels", at: ["fc"]) {
      network(&$0, 1, "bce-with-logits", [4, 1], [0, 1, 2, 3])
    },
    .fires("outputs to spare: a note", at: ["fc"]) {
      network(&$0, 5, "cross-entropy", [4], [0, 1, 2, 1])
    },
    .silent("an output for every class") {
      network(&$0, 3, "cross-entropy", [4], [0, 1, 2, 1])
    },
    .silent("labels that start at 1 are another fault") {
      network(&$0, 2, "cross-entropy", [4], [1, 2, 2, 1])
    },
    .silent("a single probability for two classes") {
      network(&$0, 1, "bce-with-logits", [4, 1], [0, 1, 1, 0])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
