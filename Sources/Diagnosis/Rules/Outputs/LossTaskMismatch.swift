import Replay
import Runs
import Trials

/// A loss for another kind of task than the targets look like.
struct LossTaskMismatch: Rule {
  static let distinctShare = Threshold(
    "distinct-share", 0.5, unit: "different labels / samples",
    "more labels than this are no classes"
  )
  static let tail = Threshold(
    "tail", 20, unit: "largest target / mean", "positive targets with a longer tail are a note")

  static let info = RuleInfo(
    id: "loss-task-mismatch", title: "A loss that does not suit the targets", severity: .warning,
    evidence: .heuristic,
    summary: """
      Class labels under squared or absolute error, numbers under cross-entropy, counts or heavy \
      tails under squared error; a loss of one's own that leads away from the targets, or has no end.
      """,
    rationale: """
      Squared error with a linear head fits classes as if they lay on a line or were heights: it
      works, badly. Absolute error on targets of 0 and 1 has its optimum at the more frequent one,
      with a slope that does not grow near it: the model sticks there. A cross-entropy with almost
      as many classes as samples learns every number by itself. Squared error on counts or on
      positive targets with a long tail hangs on the few largest. All of these are judged by the
      values that the targets take, so that most are notes. A loss that a script wrote itself may have a
      sign turned, or its arguments swapped. Its values tell: it is lower for predictions on the other
      side of the targets' mean than for the targets, or it falls for ever as predictions grow.
      """,
    remedy: """
      Use cross-entropy for classes, bce for events, squared error for numbers, a Poisson loss for \
      counts, the logarithm of heavy-tailed targets.
      """,
    source: "Bishop, PRML (2006), sections 4.1.3 and 5.2", thresholds: [distinctShare, tail],
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    let terms = exam.run.losses.filter { exam.data.arrays[$0.target] != nil }
    let own = zip(exam.run.losses, exam.directions).compactMap { term, direction in
      direction.flatMap { misleading(term, $0, exam) }
    }
    return own
      + terms.compactMap { term in
        guard let vitals = exam.data.arrays[term.target],
          vitals.columns.nonFinite.allSatisfy({ $0 == 0 }), exam.run.samples >= 4
        else { return nil }
        return type(of: term.loss).info.targets == .values
          ? values(term, vitals, exam) : classes(term, vitals, exam)
      }
  }

  /// Losses on numbers.
  private func values(
    _ term: Run.LossTerm, _ vitals: ArrayVitals, _ exam: Examination
  ) -> Finding? {
    let squared = term.kind == "mse"
    let columns = vitals.columns
    if columns.units > 1 {
      guard Self.isOneHot(vitals), squared || term.kind == "l1" else { return nil }
      let head = SignalPath.head(of: term.prediction, exam.run.graph)
      return finding(
        term, head == nil ? .warning : .note,
        "the targets mark one of \(columns.units) classes in every row, which "
          + "\(exam.loss(term)) fits as heights\(head == nil ? " with a linear head" : "")",
        [Measure("classes", columns.units)], exam)
    }
    guard let labels = vitals.labels, labels.count > 1 else {
      return squared ? tail(term, vitals, exam) : nil
    }
    let values = labels.keys.sorted()
    if values == [0, 1] || values == [-1, 1] {
      let share = Double(labels[1] ?? 0) / Double(exam.run.samples)
      let evidence = [Measure("share_of_ones", share, unit: "share of the samples")]
      if term.kind == "l1" {
        return finding(
          term, .warning,
          "the targets are \(Wording.number(Double(values[0]))) and 1 only, for which absolute "
            + "error has its optimum at the more frequent one (\(Wording.percent(max(share, 1 - share))))",
          evidence, exam)
      }
      guard squared else { return nil }
      return finding(
        term, .note,
        "the targets are \(Wording.number(Double(values[0]))) and 1 only: two classes", evidence,
        exam)
    }
    guard squared else { return nil }
    let whole = values.allSatisfy { $0 == $0.rounded() }
    if let finding = indices(term, labels, exam) { return finding }
    let mean = columns.mean[0]
    let variance = columns.variance(0)
    if whole, values[0] >= 0, labels.count > 4, mean > 0, mean < 20, variance > 0.5 * mean,
      columns.largest > 3 * mean
    {
      return finding(
        term, .note,
        "the targets look like counts: whole numbers from \(Wording.number(Double(values[0]))) to "
          + "\(Wording.number(columns.largest)) with mean \(Wording.number(mean)) and variance "
          + Wording.number(variance),
        [Measure("mean", mean), Measure("variance", variance)], exam)
    }
    return tail(term, vitals, exam)
  }

  /// Whole numbers from 0 on, each about as often as the others: indices of classes, which one unit fits as
  /// places on a line. Counts and ratings gather around some of them.
  private func indices(
    _ term: Run.LossTerm, _ labels: [Float: Int], _ exam: Examination
  ) -> Finding? {
    let values = labels.keys.sorted()
    let usual = Double(labels.values.reduce(0, +)) / Double(max(1, values.count))
    guard (Self.fewestClasses...Self.mostClasses).contains(values.count), exam.leavesLoss,
      values == (0..<values.count).map(Float.init),
      labels.values.allSatisfy({ Double($0) >= usual / 2 && Double($0) <= 2 * usual }),
      usual >= Self.fewestOfClass
    else { return nil }
    return finding(
      term, .warning,
      "the targets are the whole numbers from 0 to \(values.count - 1), each about as often as the "
        + "others, as indices of classes are; \(exam.loss(term)) fits them as places on a line",
      [Measure("classes", values.count)], exam)
  }

  /// Two values are events; more than a hundred are numbers.
  private static let fewestClasses = 3
  private static let mostClasses = 100
  private static let fewestOfClass = 5.0

  /// Whether each row marks one class; by the columns' values and the sum of their means.
  static func isOneHot(_ vitals: ArrayVitals) -> Bool {
    let columns = vitals.columns
    let mean = columns.mean.reduce(0, +)
    // A column of zeros and ones has variance m·(1 − m), and no other between 0 and 1 has as much.
    return vitals.hasColumns && vitals.shape.count == 2 && abs(mean - 1) < 1e-6
      && (0..<columns.units).allSatisfy { unit in
        let m = columns.mean[unit]
        return columns.minimum[unit] >= 0 && columns.maximum[unit] <= 1
          && abs(columns.variance(unit) - m * (1 - m)) < 1e-6
      }
  }

  private func tail(
    _ term: Run.LossTerm, _ vitals: ArrayVitals, _ exam: Examination
  ) -> Finding? {
    let columns = vitals.columns
    let (low, high, mean) = (columns.smallest, columns.largest, columns.mean[0])
    let limit = exam.value(Self.tail, of: Self.self)
    let deviation = columns.variance(0).squareRoot()
    guard low > 0, mean > 0, high > limit * mean, deviation > 1.5 * mean else { return nil }
    return finding(
      term, .note,
      "the targets are positive with a heavy tail: mean \(Wording.number(mean)), deviation "
        + "\(Wording.number(deviation)), largest \(Wording.number(high))",
      [
        Measure("largest_by_mean", high / mean, unit: "times", threshold: limit),
        Measure("deviation_by_mean", deviation / mean, unit: "times"),
      ], exam)
  }

  /// Losses on classes: indices that are almost all different.
  private func classes(
    _ term: Run.LossTerm, _ vitals: ArrayVitals, _ exam: Examination
  ) -> Finding? {
    guard type(of: term.loss).info.targets == .classes, let labels = vitals.labels,
      labels.count > 20
    else { return nil }
    let share = Double(labels.count) / Double(exam.run.samples)
    let limit = exam.value(Self.distinctShare, of: Self.self)
    guard share > limit else { return nil }
    return finding(
      term, .warning,
      "\(exam.run.samples) samples have \(labels.count) different labels: that looks like a number "
        + "to predict, not like classes",
      [Measure("distinct_share", share, unit: "labels / samples", threshold: limit)], exam)
  }

  private func finding(
    _ term: Run.LossTerm, _ severity: Severity, _ text: String, _ evidence: [Measure],
    _ exam: Examination
  ) -> Finding {
    Finding(
      Self.self, severity,
      at: Place(.loss, "\(exam.run.graph.layer(of: term.prediction)) / \(term.target)"),
      "Under \(exam.loss(term)), \(text).",
      evidence: [Measure("loss", .string(term.kind))] + evidence,
      tensors: [term.prediction])
  }
}
