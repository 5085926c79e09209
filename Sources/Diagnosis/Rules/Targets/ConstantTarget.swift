import Operators
import Runs

/// Targets that are all the same.
struct ConstantTarget: Rule {
  static let info = RuleInfo(
    id: "constant-target", title: "Targets that never change", severity: .error, evidence: .proof,
    summary: "A target has the same value on every sample.",
    rationale: """
      Where every sample has the same target the best model ignores its input: a constant fits.
      This is mostly an accident of reading, dividing or rounding the labels, such as integer
      division of 0 to 9 by 255. One constant column among several is a warning, as there is nothing
      to learn for it; a class of a one-hot target that never occurs is a note.
      """,
    remedy: "Look at how the targets were made, from the raw labels on.", source: "Reasoned",
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let terms = exam.run.losses + exam.refused.map(\.term)
    guard !terms.isEmpty else { throw NotChecked("the run has no loss") }
    guard exam.run.samples >= 2 else {
      throw NotChecked("\(exam.run.samples) sample is too few to compare samples")
    }
    var seen: Set<String> = []
    return terms.compactMap { seen.insert($0.target).inserted ? finding($0, exam) : nil }
  }

  private func finding(_ term: Run.LossTerm, _ exam: Examination) -> Finding? {
    guard let vitals = exam.data.arrays[term.target] else { return nil }
    // Of targets with positions a pixel that never changes is none: a channel counts.
    let columns = DenseTargets.moments(term, vitals, exam)
    guard columns.nonFinite.allSatisfy({ $0 == 0 }) else { return nil }
    let constant = (0..<columns.units).filter {
      columns.count[$0] > 0 && columns.minimum[$0] == columns.maximum[$0]
    }
    guard !constant.isEmpty else { return nil }
    let all = constant.count == columns.units
    // A label that never occurs, among others that do, says little of how the targets were made.
    let isClass = [.classes, .probabilities, .signs].contains(type(of: term.loss).info.targets)
    let severity: Severity =
      all ? .error : isClass || 10 * constant.count <= columns.units ? .note : .warning
    let values = constant.map { Double(columns.minimum[$0]) }
    let which =
      all
      ? columns.units == 1
        ? "every target is \(Wording.number(values[0]))"
        : "each of the \(columns.units) columns has one value only"
      : "\(constant.count) of \(columns.units) columns (\(exam.columns(constant, of: term.target))) "
        + (constant.count == 1 ? "has" : "have") + " one value only"
    return Finding(
      Self.self, severity, at: exam.place(.target, term.target, columns: all ? [] : constant),
      "Proved on \(exam.run.samples) samples: \(which).",
      evidence: [
        Measure("columns", exam.listed(constant, of: term.target)),
        Measure("values", .numbers(values)),
        Measure("samples", exam.run.samples),
      ], tensors: [term.prediction])
  }
}

extension ConstantTarget {
  private static func network(_ net: inout RunBuilder, _ rows: [[Float]]) {
    let width = rows.first?.count ?? 0
    net.input(rows.indices.map { [Float($0), 1 - Float($0 % 2)] })
    net.dense("fc", (0..<width).map { [0.3, Float($0) / 5] })
    net.loss("mse", shape: [rows.count, width], rows.flatMap { $0 })
  }

  private static let examples: [Example] = [
    .fires("every target is 5", at: ["y"]) { network(&$0, [[5], [5], [5]]) },
    .fires("one label only", at: ["y"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc", [[1, 0], [0, 1]])
      net.loss("cross-entropy", shape: [3], [0, 0, 0])
    },
    .fires("one of two columns", at: ["y[1]"]) { network(&$0, [[5, 1], [4, 1], [3, 1]]) },
    .silent("targets that vary by a millionth") {
      network(&$0, [[1e-6], [2e-6], [3e-6]])
    },
    .silent("masks with pixels that are never set") { net in
      net.input(shape: [6, 1, 2, 2], (0..<24).map { Float($0 % 7) / 7 })
      net.parameter("w", shape: [1, 1, 1, 1], [0.5])
      net.layer("Conv", "conv", operands: ["w"])
      net.loss(
        "bce-with-logits", shape: [6, 1, 2, 2], (0..<24).map { $0 % 4 == 0 && $0 > 8 ? 1 : 0 })
    },
    .silent("two labels") { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc", [[1, 0], [0, 1]])
      net.loss("cross-entropy", shape: [3], [0, 1, 0])
    },
    .cannotTell("one sample") { network(&$0, [[5]]) },
  ]
}
