import Replay
import Runs

/// A classifier that predicts one label for everything.
struct SingleClass: Rule {
  static let info = RuleInfo(
    id: "single-class", title: "One label for every sample", severity: .error, evidence: .proof,
    summary: "All samples get the same predicted label, while the targets hold several.",
    rationale: """
      The predicted label is the largest score, or a probability above one half. A classifier that
      always gives the same one has learned at the most how frequent the classes are; its accuracy
      is the share of that class. An untrained network often does so too: where the run says that
      it was not trained this is a note.
      """,
    remedy: """
      Weigh the classes in the loss or draw the rare ones more often, scale the features, and train \
      until the loss is below that of the shares of the classes.
      """,
    source: "Humbatova et al., Taxonomy of Real Faults in Deep Learning Systems (2020)",
    link: .outcome, onset: .samePlace, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    try exam.requireSamples()
    return zip(exam.run.losses, exam.current.losses).compactMap { term, loss in
      loss.classes.flatMap { finding(term, $0, exam) }
    }
  }

  private func finding(
    _ term: Run.LossTerm, _ counts: ClassCounts, _ exam: Examination
  ) -> Finding? {
    let columns = counts.predicted.indices.filter { column in
      counts.predicted[column].filter { $0 > 0 }.count == 1
        && counts.actual[column].filter { $0 > 0 }.count > 1
    }
    guard let column = columns.first else { return nil }
    // A mask is learned as a whole: a position that is nearly always background may be called so.
    if columns.count < counts.predicted.count, let vitals = exam.data.arrays[term.target],
      DenseTargets(term, vitals, exam) != nil
    {
      return nil
    }
    let predicted = counts.predicted[column]
    let actual = counts.actual[column]
    let label = predicted.firstIndex { $0 > 0 } ?? 0
    let majority = actual.firstIndex(of: actual.max() ?? 0) ?? 0
    let total = actual.reduce(0, +)
    var severity: Severity =
      exam.isTrained == false ? .note : exam.isTrained == true ? .error : .warning
    if columns.count < counts.predicted.count { severity = min(severity, .warning) }
    let share = Double(actual[label]) / Double(max(1, total))
    return Finding(
      Self.self, severity,
      at: Place(
        .output, exam.run.graph.layer(of: term.prediction),
        units: counts.predicted.count > 1 ? columns : []),
      """
      Proved on \(total) samples: all are labelled \(label), which is the target of \
      \(Wording.percent(share)) of them\(label == majority ? " and the largest class" : "").
      """,
      evidence: [
        Measure("label", label), Measure("predicted", .ints(predicted), unit: "samples a label"),
        Measure("actual", .ints(actual), unit: "samples a label"),
        Measure("majority_class", majority), Measure("accuracy", share, unit: "share"),
      ], tensors: [term.prediction])
  }
}

extension SingleClass {
  private static let examples: [Example] = [
    .fires("the bias decides", at: ["fc"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc", [[0.01, 0], [0, 0.01]], bias: [1, 0])
      net.loss("cross-entropy", shape: [3], [0, 1, 0])
      net.training["epochs"] = .int(5)
    },
    .silent("two labels are predicted") { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc", [[1, 0], [0, 1]])
      net.loss("cross-entropy", shape: [3], [0, 1, 0])
      net.training["epochs"] = .int(5)
    },
    .silent("the targets hold one label only") { net in
      net.input([[1, 2], [-1, 0.5]])
      net.dense("fc", [[0.01, 0], [0, 0.01]], bias: [1, 0])
      net.loss("cross-entropy", shape: [2], [0, 0])
      net.training["epochs"] = .int(5)
    },
    .silent("a regression has no labels") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("one sample only") { net in
      net.input([[1, 2]])
      net.dense("fc", [[1, 0], [0, 1]])
      net.loss("cross-entropy", shape: [1], [0])
    },
  ]
}
