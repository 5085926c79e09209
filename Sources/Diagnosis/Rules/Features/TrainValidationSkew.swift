import Glibc
import Operators
import Replay
import Runs

/// Validation data that was made unlike the training data.
struct TrainValidationSkew: Rule {
  static let shift = Threshold(
    "shift", 3, unit: "standard deviations of the training column", "means farther apart fire")
  static let scale = Threshold(
    "scale", 5, unit: "times the training column's spread, either way", "farther apart fires")
  static let share = Threshold(
    "share", 0.1, unit: "share of the columns", "fewer columns apart are left alone")
  static let unseen = Threshold(
    "unseen", 0.05, unit: "share of the validation samples", "more unseen labels are an error")

  static let agreement = Threshold(
    "agreement", 0.75, unit: "share of the validation samples",
    "a class is another one for the network on at least as many")

  static let info = RuleInfo(
    id: "train-validation-skew", title: "Validation data unlike the training data",
    severity: .error, evidence: .proof,
    summary: """
      Columns of the validation data lie more than 3 deviations from those of the training data, \
      are 5 times as wide or narrow, stand in another order, or hold labels that training never saw, or \
      labels with another meaning.
      """,
    rationale: """
      A model can only be judged on data that was made as its training data was: scaled by the same
      numbers, with the columns in the same order and the labels in the same code. Columns are
      compared by mean and deviation, with room for the chance of small validation sets. A label
      that the training data lacks altogether cannot be predicted. Where a network takes each class of the
      validation data for another one, the labels were numbered anew. Other rows of one distribution
      differ by far less than these limits.
      """,
    remedy: "Fit the scaling and the label code on the training data, and apply them to both.",
    source: "Breck et al., Data Validation for Machine Learning, MLSys (2019)",
    thresholds: [shift, scale, share, unseen, agreement], link: .circumstance, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard let validation = exam.validation else {
      throw NotChecked("the run has no validation data")
    }
    let terms = exam.run.losses + exam.refused.map(\.term)
    let isLabel = { (name: String) in
      terms.contains { $0.target == name && type(of: $0.loss).info.targets == .classes }
    }
    var findings: [Finding] = order(exam).map { [$0] } ?? []
    var reason: String?
    let names = exam.run.graph.inputs.map { exam.run.graph.tensors[$0] } + terms.map(\.target)
    for name in Set(names).subtracting(exam.idInputs).sorted() {
      guard let here = exam.data.arrays[name], let there = validation.data.arrays[name] else {
        continue
      }
      if isLabel(name), here.labels != nil || there.labels != nil {
        if let found = labels(name, here, there, exam) { findings.append(found) }
      } else if !isFinite(here) || !isFinite(there) {
        reason = "\(name) has values that are not finite"
      } else if !areAlike(name, here, there, exam) {
        reason = "\(name) has other columns in the validation data"
      } else if let found = columns(name, here, there, exam) {
        findings.append(found)
      }
    }
    if findings.isEmpty, let reason { throw NotChecked(reason) }
    return findings
  }

  /// Classes that stand for each other.
  private func order(_ exam: Examination) -> Finding? {
    guard let order = exam.classOrder, order.isPermuted, let term = exam.run.losses.first,
      order.share >= exam.value(Self.agreement, of: Self.self),
      order.share >= 2 * order.right
    else { return nil }
    let moved = order.taken.indices.filter { order.taken[$0] != $0 }
    let list = moved.prefix(4).map { "class \($0) for class \(order.taken[$0])" }
    return Finding(
      Self.self, .error, at: place(term.target, [], exam),
      """
      Proved on \(order.samples) validation samples: the network takes \
      \(list.joined(separator: ", "))\(moved.count > 4 ? ", …" : ""), each for one alone: so it calls \
      \(Wording.percent(order.share)) of them, and \(Wording.percent(order.right)) as they are numbered. \
      The numbers stand for other classes in the validation data.
      """,
      evidence: [
        Measure("taken_for", .ints(order.taken)),
        Measure("share", order.share, unit: "share of the samples"),
        Measure("right", order.right, unit: "share of the samples"),
      ],
      remedy: """
        Make the code of the labels once, from the training data, and use it for the validation data.
        """, tensors: [term.prediction])
  }

  /// Whether both have the same columns, as the arrays are and as they are compared.
  private func areAlike(
    _ name: String, _ here: ArrayVitals, _ there: ArrayVitals, _ exam: Examination
  ) -> Bool {
    let (a, b) = moments(name, here, there, exam)
    return here.columns.units == there.columns.units && here.columns.units > 0 && a.units == b.units
  }

  private func isFinite(_ vitals: ArrayVitals) -> Bool {
    vitals.columns.nonFinite.allSatisfy { $0 == 0 }
  }

  private func place(_ name: String, _ units: [Int], _ exam: Examination) -> Place {
    let isInput = exam.run.graph.inputs.contains { exam.run.graph.tensors[$0] == name }
    return exam.place(isInput ? .input : .target, name, columns: units)
  }

  /// Labels that only the validation data has.
  private func labels(
    _ name: String, _ here: ArrayVitals, _ there: ArrayVitals, _ exam: Examination
  ) -> Finding? {
    guard let known = here.labels, let other = there.labels, !known.isEmpty else { return nil }
    let unseen = other.keys.filter { known[$0] == nil }.sorted()
    let rows = other.values.reduce(0, +)
    let count = unseen.reduce(0) { $0 + (other[$1] ?? 0) }
    guard count > 0, rows > 0 else { return nil }
    let share = Double(count) / Double(rows)
    let limit = exam.value(Self.unseen, of: Self.self)
    let list = unseen.prefix(8).map { Wording.number(Double($0)) }.joined(separator: ", ")
    return Finding(
      Self.self, share > limit ? .error : .warning, at: place(name, [], exam),
      """
      Proved on \(rows) validation samples: \(Wording.percent(share)) have a label that no training \
      sample has (\(list)\(unseen.count > 8 ? ", …" : "")); training knows \
      \(Wording.count(known.count, "label")).
      """,
      evidence: [
        Measure("unseen_labels", .numbers(unseen.map { Double($0) })),
        Measure("share", share, unit: "share of the validation samples", threshold: limit),
        Measure("training_labels", .numbers(known.keys.sorted().prefix(100).map { Double($0) })),
      ], tensors: exam.run.graph.tensor(named: name).map { [$0] } ?? [])
  }

  /// How far one column of the validation data is from the same of the training data.
  private struct Distance {
    let column: Int
    /// In standard deviations of the training column.
    let shift: Double
    /// Validation deviation over training deviation.
    let ratio: Double
  }

  private func columns(
    _ name: String, _ here: ArrayVitals, _ there: ArrayVitals, _ exam: Examination
  ) -> Finding? {
    let (a, b) = moments(name, here, there, exam)
    let limits = (exam.value(Self.shift, of: Self.self), exam.value(Self.scale, of: Self.self))
    // Of a column that hardly varies a deviation says little: the array's own spread is its floor.
    let floor = 0.01 * a.spread
    var apart: [Distance] = []
    for column in 0..<a.units where a.count[column] > 0 && b.count[column] > 0 {
      let deviation = max(a.variance(column).squareRoot(), floor)
      let other = b.variance(column).squareRoot()
      let chance = 5 * max(deviation, other) / Double(b.count[column]).squareRoot()
      let difference = abs(b.mean[column] - a.mean[column])
      if isRareByChance(a, b, column) { continue }
      guard deviation > 0 else {
        if difference > 1e-6 * max(abs(a.mean[column]), 1e-30) {
          apart.append(Distance(column: column, shift: .infinity, ratio: .infinity))
        }
        continue
      }
      let ratio = max(other, floor) / deviation
      let isScaled =
        b.count[column] >= 10 && max(ratio, 1 / max(ratio, 1e-300)) > limits.1
        && a.variance(column) > floor * floor
      guard difference > limits.0 * deviation && difference > chance || isScaled else { continue }
      apart.append(Distance(column: column, shift: difference / deviation, ratio: ratio))
    }
    let share = Double(apart.count) / Double(a.units)
    guard !apart.isEmpty, share > exam.value(Self.share, of: Self.self) else { return nil }
    return finding(name, apart, here, there, exam)
  }

  /// The moments to compare: of targets with positions those of the channels, for a single pixel of a
  /// mask says little.
  private func moments(
    _ name: String, _ here: ArrayVitals, _ there: ArrayVitals, _ exam: Examination
  ) -> (UnitMoments, UnitMoments) {
    let terms = exam.run.losses + exam.refused.map(\.term)
    guard let term = terms.first(where: { $0.target == name }) else {
      return (here.columns, there.columns)
    }
    return (
      DenseTargets.moments(term, here, exam), DenseTargets.moments(term, there, exam)
    )
  }

  /// Whether a column has one value nearly always, zero or another, and the rows that differ are as
  /// many on both sides as chance would have it: then neither mean nor deviation says anything.
  private func isRareByChance(_ a: UnitMoments, _ b: UnitMoments, _ column: Int) -> Bool {
    let (na, nb) = (a.count[column], b.count[column])
    let isZero = 2 * a.zeros[column] >= na
    guard isZero || hasTwoValues(a, column) && hasTwoValues(b, column) else { return false }
    let (ka, kb) =
      isZero
      ? (na - a.zeros[column], nb - b.zeros[column]) : (a.zeros[column], b.zeros[column])
    guard 10 * min(ka * nb, kb * na) < na * nb, ka + kb > 0 else { return false }
    // If it were on another scale, its values would tell, however few.
    let size = { (m: UnitMoments) in
      Double(max(abs(m.minimum[column]), abs(m.maximum[column])))
    }
    if ka > 0, kb > 0, size(a) > 0, !(0.2...5).contains(size(b) / size(a)) { return false }
    return Chance.explains(ka, of: na, kb, of: nb, columns: a.units)
  }

  /// Whether a column holds nothing but 0 and another value: no distribution between them has as
  /// large a variance.
  private func hasTwoValues(_ moments: UnitMoments, _ column: Int) -> Bool {
    let (low, high) = (Double(moments.minimum[column]), Double(moments.maximum[column]))
    guard low == 0 || high == 0 || low == high else { return false }
    let most = (moments.mean[column] - low) * (high - moments.mean[column])
    return abs(moments.variance(column) - most) <= 1e-6 * max(most, 1e-30)
  }

  private func finding(
    _ name: String, _ apart: [Distance], _ here: ArrayVitals, _ there: ArrayVitals,
    _ exam: Examination
  ) -> Finding {
    let (a, b) = moments(name, here, there, exam)
    let columns = apart.map(\.column)
    let worst = apart.max { ($0.shift, $1.column) < ($1.shift, $0.column) } ?? apart[0]
    let order = permutation(a, b)
    // Of targets with positions these are channels.
    let own = a.units == here.columns.units
    var message = """
      Proved on \(exam.run.samples) and \(exam.run.onValidation?.samples ?? 0) samples: \
      \(columns.count) of \(Wording.count(a.units, "column")) differ. Column \(own ? exam.column(worst.column, of: name) : "\(worst.column)") has \
      mean \(Wording.number(a.mean[worst.column])) and deviation \
      \(Wording.number(a.variance(worst.column).squareRoot())) in the training data, \
      \(Wording.number(b.mean[worst.column])) and \
      \(Wording.number(b.variance(worst.column).squareRoot())) in the validation data.
      """
    if order != nil { message += " In another order the columns agree." }
    let factor = b.magnitude / a.magnitude
    return Finding(
      Self.self, .error,
      at: place(
        name, here.hasColumns && a.units > 1 && own ? columns : [], exam),
      message,
      evidence: [
        Measure("columns", own ? exam.listed(columns, of: name) : .ints(columns)),
        Measure("shifts", .numbers(apart.map(\.shift)), unit: "training standard deviations"),
        Measure("scales", .numbers(apart.map(\.ratio)), unit: "validation / training deviation"),
        Measure("magnitude_ratio", factor, unit: "validation / training"),
        Measure("order", order.map { .ints($0) } ?? .null, unit: "training column of each"),
        Measure("training_means", .numbers(columns.prefix(32).map { a.mean[$0] })),
        Measure("validation_means", .numbers(columns.prefix(32).map { b.mean[$0] })),
      ],
      remedy: order == nil
        ? nil : "Put the validation columns into the order of the training data.",
      tensors: exam.run.graph.tensor(named: name).map { [$0] } ?? [])
  }

  /// For each validation column the training column that it agrees with, when all do one to one.
  private func permutation(_ a: UnitMoments, _ b: UnitMoments) -> [Int]? {
    guard (2...256).contains(a.units) else { return nil }
    var order: [Int] = []
    for column in 0..<b.units {
      let other = b.variance(column).squareRoot()
      let near = (0..<a.units).filter { candidate in
        let deviation = a.variance(candidate).squareRoot()
        guard deviation > 0, other > 0 else { return deviation == other }
        return abs(a.mean[candidate] - b.mean[column]) < deviation
          && abs(log(other / deviation)) < log(2)
      }
      guard
        let best = near.filter({ !order.contains($0) }).min(by: {
          abs(a.mean[$0] - b.mean[column]) < abs(a.mean[$1] - b.mean[column])
        })
      else { return nil }
      order.append(best)
    }
    return order == Array(0..<a.units) ? nil : order
  }
}
