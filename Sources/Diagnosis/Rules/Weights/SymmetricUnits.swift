import Replay
import Tensors

/// Units that training cannot tell apart.
struct SymmetricUnits: Rule {
  static let warnShare = Threshold(
    "warn-share", 0.1, unit: "share of a layer's units", "more units lost is a warning")
  static let errorShare = Threshold(
    "error-share", 0.5, unit: "share of a layer's units", "more units lost is an error")

  static let info = RuleInfo(
    id: "symmetric-units", title: "Units that training cannot part", severity: .error,
    evidence: .proof,
    summary: "Units of a layer have equal incoming weights and get equal gradients.",
    rationale: """
      Two units with the same weights compute the same; when they also get the same gradient, every
      step leaves them the same. The layer is then worth fewer units than it has: its effective
      width is the number of groups. Equal weights alone are harmless when the units feed
      different weights, for then their gradients differ and the next step parts them. Weights are
      compared to a millionth of the largest, gradients to a ten-thousandth, which is more than the
      order of float32 sums can do.
      """,
    remedy: "Draw the initial weights at random, each unit's anew.",
    source: "Goodfellow, Bengio & Courville, Deep Learning (2016), section 8.4",
    thresholds: [warnShare, errorShare], harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    let kernels = exam.kernels.filter { $0.layout.units > 1 && $0.parameter.trainable }
    guard !kernels.isEmpty else {
      throw NotChecked("no trainable layer has more than one unit")
    }
    return kernels.compactMap { finding($0, exam) }
  }

  private func finding(_ kernel: Examination.Kernel, _ exam: Examination) -> Finding? {
    guard let gradient = exam.current.parameterGradients[kernel.parameter.tensor] else {
      return nil
    }
    let weights = UnitSymmetry.groups(exam.values(kernel.parameter), kernel.layout)
    guard weights.contains(where: { $0.count > 1 }) else { return nil }
    let gradients = UnitSymmetry.groups(gradient, kernel.layout, tolerance: 1e-4)
    let biases = biasGroups(kernel, exam)
    let dead = deadUnits(kernel, exam)
    let groups = Self.meet(
      Self.meet(weights, gradients, kernel.layout.units), biases,
      kernel.layout.units
    ).filter { $0.count > 1 && !dead.isSuperset(of: $0) }
    guard !groups.isEmpty else { return nil }
    let units = kernel.layout.units
    let lost = groups.reduce(0) { $0 + $1.count - 1 }
    let share = Double(groups.reduce(0) { $0 + $1.count }) / Double(units)
    let (warn, error) = (
      exam.value(Self.warnShare, of: Self.self), exam.value(Self.errorShare, of: Self.self)
    )
    let members = groups.flatMap { $0 }.sorted()
    return Finding(
      Self.self, share > error ? .error : share > warn ? .warning : .note,
      at: Place(.layer, kernel.node.layer, units: members),
      """
      Proved: \(members.count) of \(units) units (\(Wording.indices(members))) fall into \
      \(Wording.count(groups.count, "group")) of equal weights and equal gradients. The layer is \
      worth \(Wording.count(units - lost, "unit")).
      """,
      evidence: [
        Measure("groups", .array(groups.map { .ints($0) })),
        Measure("effective_width", units - lost, unit: "units"),
        Measure("share", share, unit: "share of the layer's units", threshold: warn),
      ],
      tensors: [kernel.parameter.tensor] + kernel.node.outputs,
      facts: Facts(parameter: kernel.parameter.tensor))
  }

  /// Units that no sample switches on: they have no gradient, and so none that could differ.
  private func deadUnits(_ kernel: Examination.Kernel, _ exam: Examination) -> Set<Int> {
    var result: Set<Int> = []
    for layer in exam.activationLayers
    where layer.activation.rectifier && kernel.node.outputs.contains(layer.input) {
      let bound = layer.activation.flatBelow ?? 0
      result.formUnion(
        (0..<layer.moments.units).filter { Double(layer.moments.maximum[$0]) <= bound })
    }
    return result
  }

  /// Units with equal biases; all in one group when the layer has none.
  private func biasGroups(_ kernel: Examination.Kernel, _ exam: Examination) -> [[Int]] {
    let units = kernel.layout.units
    for case let input? in kernel.node.inputs where exam.plan.roles[input]?.kind == .bias {
      if let bias = exam.run.graph.parameter(at: input), bias.array.count == units,
        let shape = try? Shape([units])
      {
        return UnitSymmetry.groups(
          exam.values(bias), UnitLayout(shape, axis: 0, batched: false))
      }
    }
    return [Array(0..<units)]
  }

  /// The groups of units that are together in both.
  static func meet(_ a: [[Int]], _ b: [[Int]], _ units: Int) -> [[Int]] {
    var second = [Int](repeating: 0, count: units)
    for (number, group) in b.enumerated() { for unit in group { second[unit] = number } }
    return a.flatMap { group in
      Dictionary(grouping: group) { second[$0] }.values.map { $0.sorted() }
    }.sorted { $0[0] < $1[0] }
  }
}

extension SymmetricUnits {
  private static let examples: [Example] = [
    .fires("all weights equal", at: ["fc1[0, 1, 2]"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[0.5, 0.2], [0.5, 0.2], [0.5, 0.2]])
      net.layer("Relu")
      net.dense("fc2", [[0.1, 0.1, 0.1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("equal weights that feed different ones") { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[0.5, 0.2], [0.5, 0.2], [0.5, 0.2]])
      net.layer("Relu")
      net.dense("fc2", [[0.1, 0.2, -0.3]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("a classifier that starts from zeros") { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc", [[0, 0], [0, 0], [0, 0]])
      net.loss("cross-entropy", shape: [3], [0, 1, 2])
    },
    .cannotTell("one unit") { net in
      net.input([[1], [2]])
      net.dense("fc", [[0.5]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
