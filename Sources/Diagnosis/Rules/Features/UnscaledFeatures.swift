import Replay

/// Input columns of scales so different, or so large, that no one learning rate suits them.
struct UnscaledFeatures: Rule {
  static let spreadRatio = Threshold(
    "spread-ratio", 100, unit: "largest / smallest standard deviation", "columns too far apart")
  static let offsetRatio = Threshold(
    "offset-ratio", 5, unit: "|mean| / standard deviation", "a column too far from zero")
  static let magnitude = Threshold(
    "magnitude", 100, unit: "largest absolute value", "a column too large")
  static let gain = Threshold(
    "gain", 10, unit: "times", "standardizing must improve the condition by at least this")
  static let errorGain = Threshold(
    "error-gain", 1000, unit: "times", "an improvement by more is an error")

  static let info = RuleInfo(
    id: "unscaled-features", title: "Features that are not scaled", severity: .error,
    evidence: .proof,
    summary: """
      Columns of an input differ in spread more than 100 times, lie more than 5 deviations from \
      zero or exceed 100, and standardizing them improves the conditioning at least tenfold.
      """,
    rationale: """
      The curvature of the loss along a weight grows with the square of its input. The largest
      eigenvalue λ of the mean of x·xᵀ (with a 1 for the bias) bounds the learning rate of gradient
      descent, stable below 2/(c·λ), and its ratio to the smallest says how many steps the slowest
      direction takes. Both are computed on the raw columns and on standardized ones, over all
      samples. Adaptive optimizers even out the scale of single weights, but not an offset or a
      correlation; they may fit unscaled data all the same, which the loss then shows.
      """,
    remedy: "Standardize the columns: subtract the mean and divide by the standard deviation.",
    source: "LeCun, Bottou, Orr & Müller, Efficient BackProp (1998), sections 4.3 and 5.1",
    thresholds: [spreadRatio, offsetRatio, magnitude, gain, errorGain] + TrialComparison.thresholds,
    harmsLearning: true,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    var findings: [Finding] = []
    var reasons: [String] = []
    for input in exam.run.graph.inputs where exam.feedsKernel(input) {
      let name = exam.run.graph.tensors[input]
      guard let vitals = exam.data.arrays[name] else { continue }
      if vitals.columns.nonFinite.contains(where: { $0 > 0 }) {
        reasons.append("input \(name) has values that are not finite")
      } else if let correlation = exam.correlations[name] {
        if let found = finding(input, vitals, correlation, exam) { findings.append(found) }
      } else {
        reasons.append(exam.withoutCorrelation(name))
      }
    }
    if findings.isEmpty, let reason = reasons.first { throw NotChecked(reason) }
    return findings
  }

  private func finding(
    _ input: Int, _ vitals: ArrayVitals, _ correlation: Correlation, _ exam: Examination
  ) -> Finding? {
    let proof = Scaling(exam, for: Self.self, inputs: true)
    var suspects = suspects(vitals, correlation, exam)
    // What trials prove needs no limit; but whether a training ran away by its inputs or by its rate is
    // told by how unusual the inputs are.
    if suspects.columns.isEmpty, exam.isFinite, proof?.remaining != nil {
      suspects = unlike(vitals, correlation, exam)
    }
    guard !suspects.columns.isEmpty,
      let raw = correlation.spectrum(standardized: false),
      let scaled = correlation.spectrum(standardized: true),
      let rawLargest = raw.last, let scaledLargest = scaled.last
    else { return nil }
    let (rawCondition, scaledCondition) = (Self.condition(raw), Self.condition(scaled))
    let gain = max(rawLargest / scaledLargest, rawCondition / scaledCondition)
    let needed = exam.value(Self.gain, of: Self.self)
    guard gain >= needed else { return nil }
    // Without a trial, the step that becomes possible is what counts: a condition number alone may
    // come of a column that hardly varies. Where the training took half of the loss and nothing was
    // tried, it is no more than a circumstance.
    let stable = rawLargest / scaledLargest
    let isFair =
      exam.isTrained != false
      && exam.relativeLoss.map { $0.current <= Limits.fair.value } ?? false
    let severity: Severity =
      proof?.severity
      ?? (isFair
        ? .note
        : stable >= exam.value(Self.errorGain, of: Self.self)
          ? .error : stable >= needed ? .warning : .note)
    return Finding(
      Self.self, severity,
      at: exam.place(.input, vitals.name, columns: suspects.columns),
      """
      Proved on \(exam.run.samples) samples: \(suspects.text). Standardizing lowers the condition \
      number from \(Wording.number(rawCondition)) to \(Wording.number(scaledCondition)) and the \
      largest curvature from \(Wording.number(rawLargest)) to \(Wording.number(scaledLargest)), \
      which allows a \(Wording.number(rawLargest / scaledLargest)) times larger stable step.\
      \(proof.map { " " + $0.text } ?? "")
      """,
      evidence: [
        Measure("columns", exam.listed(suspects.columns, of: vitals.name)),
        Measure("deviations", .numbers(suspects.columns.map { correlation.deviation[$0] })),
        Measure("means", .numbers(suspects.columns.map { correlation.mean[$0] })),
        Measure("condition_raw", rawCondition), Measure("condition_scaled", scaledCondition),
        Measure("curvature_raw", rawLargest, unit: "largest eigenvalue of mean x·xᵀ"),
        Measure("curvature_scaled", scaledLargest, unit: "largest eigenvalue of mean x·xᵀ"),
        Measure("gain", gain, unit: "times", threshold: needed),
      ] + (proof?.evidence ?? []), tensors: [input], remaining: proof?.remaining)
  }

  /// The column that is least like a standardized one.
  private func unlike(
    _ vitals: ArrayVitals, _ correlation: Correlation, _ exam: Examination
  ) -> (columns: [Int], text: String) {
    let columns = correlation.deviation.indices.filter {
      let deviation = correlation.deviation[$0]
      return deviation > Limits.standardDeviation.value
        || abs(correlation.mean[$0]) > Limits.standardMean.value * deviation && deviation > 0
    }
    guard let widest = columns.max(by: { correlation.deviation[$0] < correlation.deviation[$1] })
    else { return ([], "") }
    return (
      columns,
      """
      column \(exam.column(widest, of: vitals.name)) has mean \(Wording.number(correlation.mean[widest])) and deviation \
      \(Wording.number(correlation.deviation[widest])), beside a bias whose input is 1
      """
    )
  }

  /// Columns out of scale, and a sentence that says in what way.
  private func suspects(
    _ vitals: ArrayVitals, _ correlation: Correlation, _ exam: Examination
  ) -> (columns: [Int], text: String) {
    let deviation = correlation.deviation
    let spread = exam.value(Self.spreadRatio, of: Self.self)
    let offset = exam.value(Self.offsetRatio, of: Self.self)
    let limit = exam.value(Self.magnitude, of: Self.self)
    let varying = deviation.indices.filter { deviation[$0] > 0 }
    guard let smallest = varying.map({ deviation[$0] }).min(),
      let largest = varying.map({ deviation[$0] }).max()
    else { return ([], "") }
    let size = vitals.columns.units
    let magnitudes = (0..<size).map {
      Double(max(abs(vitals.columns.minimum[$0]), abs(vitals.columns.maximum[$0])))
    }
    var columns: Set<Int> = []
    var texts: [String] = []
    if largest / smallest > spread {
      columns.formUnion(varying.filter { deviation[$0] > smallest * spread })
      texts.append(
        "the columns' standard deviations run from \(Wording.number(smallest)) to "
          + Wording.number(largest))
    }
    let far = varying.filter { abs(correlation.mean[$0]) > offset * deviation[$0] }
    if let first = far.first {
      columns.formUnion(far)
      texts.append(
        "column \(exam.column(first, of: vitals.name)) has mean \(Wording.number(correlation.mean[first])) and deviation "
          + Wording.number(deviation[first]))
    }
    let large = varying.filter { magnitudes[$0] > limit }
    if let first = large.max(by: { magnitudes[$0] < magnitudes[$1] }) {
      columns.formUnion(large)
      texts.append(
        "column \(exam.column(first, of: vitals.name)) reaches \(Wording.number(magnitudes[first]))"
      )
    }
    return (columns.sorted(), texts.joined(separator: "; "))
  }

  /// Largest by smallest eigenvalue, of those that stand out from rounding.
  private static func condition(_ eigenvalues: [Double]) -> Double {
    guard let largest = eigenvalues.last, largest > 0 else { return 1 }
    let floor = largest * Double(eigenvalues.count) * 1e-14
    return largest / (eigenvalues.first { $0 > floor } ?? largest)
  }
}

extension UnscaledFeatures {
  private static let examples: [Example] = [
    .fires("one column in the thousands", at: ["x[1]"]) { net in
      net.input([[0.5, 9000], [-0.3, 2000], [0.1, -4000], [-0.6, 100]])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    },
    .fires("a column far from zero", at: ["x[0]"]) { net in
      net.input([[200.5, 1], [199.7, -1], [200.1, 0.5], [199.8, -0.4]])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    },
    .silent("standardized columns") { net in
      net.input([[1, -1], [-1, 1], [0.5, 0.6], [-0.5, -0.6]])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    },
    .silent("a constant column has no scale") { net in
      net.input([[1, 5], [-1, 5], [0.5, 5], [-0.5, 5]])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    },
    .cannotTell("a missing value") { net in
      net.input([[1, 9000], [-1, .nan], [0.5, 5]])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
  ]
}
