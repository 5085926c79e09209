import Replay
import Runs

/// Targets that the loss has no meaning for.
struct InvalidTargets: Rule {
  static let info = RuleInfo(
    id: "invalid-targets", title: "Targets that the loss does not know", severity: .error,
    evidence: .proof,
    summary: """
      A class index is no whole number or has no output; a probability lies outside of 0 to 1, or \
      the probabilities of a sample do not sum to 1.
      """,
    rationale: """
      Frameworks differ in what they do with such targets: PyTorch's cross-entropy stops on the CPU
      and may corrupt memory on a GPU, Keras gives a loss of NaN or zero, and bce takes a target
      of 2 for one whose loss falls without end. The replay leaves such a loss out, so that rules that need it report
      that they could not be checked. Values that are NaN are left to non-finite.
      """,
    remedy: "Number the classes from 0 without gaps; scale probabilities into 0 to 1.",
    source: "PyTorch documentation of CrossEntropyLoss and BCELoss", examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard !exam.run.losses.isEmpty || !exam.refused.isEmpty else {
      throw NotChecked("the run has no loss")
    }
    return exam.refused.compactMap { refused($0, exam) }
      + exam.run.losses.compactMap { values($0, exam) }
  }

  private func refused(_ refused: RefusedTargets, _ exam: Examination) -> Finding? {
    guard let vitals = exam.data.arrays[refused.term.target] else { return nil }
    let columns = vitals.columns
    // Where NaN is all that is wrong, non-finite has it.
    let listed = refused.first.map { "\($0.found) in sample \($0.sample)" }
    let low = columns.smallest
    let high = columns.largest
    let classes = refused.prediction.count > 1 ? refused.prediction[1] : 0
    let offset = low == 1 && high == Double(classes)
    return Finding(
      Self.self, .error, at: Place(.target, refused.term.target),
      """
      Proved: \(Wording.count(refused.count, "sample")) of \(exam.run.samples) \
      \(refused.count == 1 ? "has" : "have") a target that \(exam.theLoss(refused.term)) does not \
      know, \(listed.joined(separator: ", ")); it expects \(refused.expected).\
      \(offset ? " The classes are numbered from 1." : "")
      """,
      evidence: [
        Measure("count", refused.count, unit: "samples"),
        Measure("first_samples", .ints(refused.first.map(\.sample))),
        Measure("target_range", .numbers([low, high])), Measure("outputs", classes),
        Measure("numbered_from_one", .bool(offset)),
      ],
      remedy: offset ? "Subtract 1 from the targets." : nil, tensors: [refused.term.prediction])
  }

  private func values(_ term: Run.LossTerm, _ exam: Examination) -> Finding? {
    guard let vitals = exam.data.arrays[term.target] else { return nil }
    let columns = vitals.columns
    let total = columns.count.reduce(0, +)
    let (low, high) = (columns.smallest, columns.largest)
    let info = type(of: term.loss).info
    let spread = exam.plan.operands[term.prediction].shape.dims.dropFirst()
    let isPerClass = info.targets == .classes && Array(spread) == Array(vitals.shape.dropFirst())
    guard total > 0 else { return nil }
    if info.targets == .probabilities || isPerClass, low < 0 || high > 1 {
      let share = Double(columns.below.reduce(0, +) + columns.above.reduce(0, +)) / Double(total)
      let count = info.targets == .probabilities ? ", \(Wording.percent(share)) outside" : ""
      return Finding(
        Self.self, .error, at: Place(.target, term.target),
        """
        Proved on \(exam.run.samples) samples: \(exam.theLoss(term)) takes its targets for \
        probabilities, and they run from \(Wording.number(low)) to \(Wording.number(high))\(count).
        """,
        evidence: [
          Measure("target_range", .numbers([low, high])),
          Measure("first_low_sample", low < 0 ? first(vitals, smallest: true) : -1),
          Measure("first_high_sample", high > 1 ? first(vitals, smallest: false) : -1),
        ], tensors: [term.prediction])
    }
    if info.targets == .counts, low < 0 {
      return Finding(
        Self.self, .error, at: Place(.target, term.target),
        """
        Proved on \(exam.run.samples) samples: \(exam.theLoss(term)) takes its targets for counts, \
        and they go down to \(Wording.number(low)).
        """,
        evidence: [
          Measure("target_range", .numbers([low, high])),
          Measure("first_low_sample", first(vitals, smallest: true)),
        ], tensors: [term.prediction])
    }
    let sum = columns.mean.reduce(0, +)
    guard isPerClass, vitals.shape.count == 2, vitals.hasColumns, abs(sum - 1) > 1e-3 else {
      return nil
    }
    return Finding(
      Self.self, .warning, at: Place(.target, term.target),
      """
      Proved on \(exam.run.samples) samples: the probabilities that \(exam.theLoss(term)) is given \
      as targets sum to \(Wording.number(sum)) per sample on average, and not to 1.
      """,
      evidence: [Measure("mean_sum", sum, unit: "a sample", threshold: 1)],
      tensors: [term.prediction])
  }

  private func first(_ vitals: ArrayVitals, smallest: Bool) -> Int {
    let columns = vitals.columns
    let order = { (a: Int, b: Int) in
      smallest ? columns.minimum[a] < columns.minimum[b] : columns.maximum[a] > columns.maximum[b]
    }
    let column = (0..<columns.units).min(by: order) ?? 0
    let samples = smallest ? vitals.smallestSample : vitals.largestSample
    return samples.indices.contains(column) ? samples[column] : 0
  }
}

extension InvalidTargets {
  private static func classes(
    _ net: inout RunBuilder, _ targets: [Float], settings: [String: JSONValue] = [:]
  ) {
    net.input([[1, 2], [-1, 0.5], [0.3, -2]])
    net.dense("fc", [[1, 0], [0, 1]])
    net.loss("cross-entropy", shape: [3], targets, settings: settings)
  }

  private static func events(_ net: inout RunBuilder, _ targets: [Float]) {
    net.input([[1, 2], [-1, 0.5], [0.3, -2]])
    net.dense("fc", [[1, 0]])
    net.loss("bce-with-logits", shape: [3, 1], targets)
  }

  private static let examples: [Example] = [
    .fires("classes numbered from 1", at: ["y"]) { classes(&$0, [1, 2, 2]) },
    .fires("a class that is no whole number", at: ["y"]) { classes(&$0, [0, 0.5, 1]) },
    .fires("probabilities of −1 and 1", at: ["y"]) { events(&$0, [-1, 1, 1]) },
    .fires("several classes marked in one row", at: ["y"]) { net in
      net.input([[1, 2], [-1, 0.5]])
      net.dense("fc", [[1, 0], [0, 1]])
      net.loss("cross-entropy", shape: [2, 2], [1, 1, 0, 1])
    },
    .silent("every class has an output") { classes(&$0, [0, 1, 1]) },
    .silent("a class that the loss ignores") {
      classes(&$0, [0, 1, -100], settings: ["ignore_index": .int(-100)])
    },
    .silent("soft probabilities") { events(&$0, [0.1, 0.9, 1]) },
    .silent("a regression takes anything") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [-7, 1000])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
