import Runs
import Trials

/// A network that cannot see the order of a sequence whose order matters.
struct OrderBlind: Rule {
  static let change = Threshold(
    "change", 1e-3, unit: "deviations of the predictions",
    "a network whose predictions change more when steps are shuffled sees their order")
  static let gain = Threshold(
    "gain", 0.1, unit: "of the targets' variance",
    "predictors that see the order must explain so much more")
  static let errorGain = Threshold(
    "error-gain", 0.3, unit: "of the targets' variance", "more makes an error")

  static let info = RuleInfo(
    id: "order-blind", title: "A network that cannot see the order", severity: .error,
    evidence: .proof,
    summary: """
      Shuffling the steps of every sequence changes no prediction, while simple predictors tell a tenth \
      more of the targets from what happens when.
      """,
    rationale: """
      Attention without positions, sums and means over time, and layers that treat every step alike are
      functions of a bag of steps: no training teaches them what came first. To prove it, the steps of
      each row are shuffled, each row in its own way, at the weights as they are. A bag of steps is all
      that some tasks need, so the targets are asked as well: ridge regression and nearest neighbours
      get what happens when (means over parts of the time; for ids their places, the first and the
      last, and which follows which), and must explain a tenth more of the targets' variance, on rows left
      out, than the same without the time and than the same on shuffled steps.
      """,
    remedy: """
      Add positions before the layers that mix steps (x + position embedding, or sines), or read the \
      sequence with a layer that has an order: a convolution over time or a recurrent layer.
      """,
    source: "Vaswani et al., Attention Is All You Need (2017), section 3.5: positional encoding",
    thresholds: [change, gain, errorGain], harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard Self.hasSequences(exam) else { return [] }
    try exam.requireLoss()
    guard exam.current.samples >= OrderProbe.fewest else {
      throw NotChecked("\(exam.current.samples) samples are too few to tell whether order matters")
    }
    return exam.orders.compactMap { finding($0, exam) }
  }

  private func finding(_ probe: OrderProbe, _ exam: Examination) -> Finding? {
    guard let ordered = probe.ordered, let unordered = probe.unordered,
      probe.change <= exam.value(Self.change, of: Self.self),
      ordered - unordered >= exam.value(Self.gain, of: Self.self)
    else { return nil }
    let isError = ordered - unordered >= exam.value(Self.errorGain, of: Self.self)
    return Finding(
      Self.self, isError ? .error : .warning, at: Place(.input, probe.input),
      """
      Proved on \(probe.rows) samples: with the \(probe.steps) steps of every sequence shuffled, the \
      predictions stay as they are. Simple predictors that see what happens when explain \
      \(Wording.percent(ordered)) of the targets' variance on rows left out, and \
      \(Wording.percent(unordered)) without the order.
      """,
      evidence: [
        Measure("change", probe.change, unit: "deviations of the predictions"),
        Measure("explained_with_order", ordered, unit: "R²"),
        Measure("explained_without_order", unordered, unit: "R²"),
        Measure("steps", probe.steps), Measure("samples", probe.rows),
      ], tensors: exam.run.losses.map(\.prediction))
  }

  /// Whether an input has steps: ids in rows, or rows of values.
  static func hasSequences(_ exam: Examination) -> Bool { !sequences(exam).isEmpty }

  /// The inputs with steps along axis 1.
  static func sequences(_ exam: Examination) -> [Int] {
    exam.run.graph.inputs.filter { input in
      guard let array = exam.run.data[exam.run.graph.tensors[input]], array.shape.count >= 2,
        array.shape[1] > 2
      else { return false }
      return array.shape.count == (exam.run.graph.holdsIds(input) ? 2 : 3)
    }
  }
}

extension OrderBlind {
  /// Five steps of one value, of which a layer sees each by itself; the mean over the steps is read.
  private static func mean(
    _ net: inout RunBuilder, rows: Int = 80, _ target: ([Float]) -> Float
  ) {
    var random = FixedRandom(seed: 11)
    let x = (0..<rows).map { _ in (0..<5).map { _ in Float(random.normal()) } }
    net.input(shape: [rows, 5, 1], x.flatMap { $0 })
    net.parameter("steps.weight", shape: [1, 2], [1, -1])
    net.layer("MatMul", "steps", operands: ["steps.weight"])
    net.layer("Relu")
    net.parameter("axes", shape: [1], [1], trainable: false)
    net.layer("ReduceMean", operands: ["axes"], attributes: ["keepdims": .int(0)])
    net.dense("fc", [[0.5, -0.4]], bias: [0])
    net.loss("mse", shape: [rows, 1], x.map(target))
    net.training["epochs"] = .int(5)
  }

  /// Sequences of three ids, whose embeddings are summed; the label is the first of them.
  private static func bag(_ net: inout RunBuilder, first: Bool) {
    var random = FixedRandom(seed: 13)
    let ids = (0..<(90 * 4)).map { _ in Float(random.next() % 3) }
    let labels = (0..<90).map { row -> Float in
      let own = Array(ids[(row * 4)..<(row * 4 + 4)])
      return first ? own[0] : own.contains(0) ? 1 : 0
    }
    net.parameter("emb", shape: [3, 2], [1, 0, 0, 1, -1, 0.5])
    net.input(shape: [90, 4], ids)
    net.branch(from: "emb")
    net.layer("Gather", "look", operands: ["x"], attributes: ["axis": .int(0)])
    net.parameter("axes", shape: [1], [1], trainable: false)
    net.layer("ReduceMean", operands: ["axes"], attributes: ["keepdims": .int(0)])
    net.dense("fc", [[1, 0], [0, 1], [-1, 0]], bias: [0, 0, 0])
    net.loss("cross-entropy", shape: [90], labels)
    net.training["epochs"] = .int(5)
  }

  private static let examples: [Example] = [
    .fires("a mean over the steps, and a target of the last less the first", at: ["x"]) {
      mean(&$0) { $0[4] - $0[0] }
    },
    .fires("a bag of ids, and the first is the label", at: ["x"]) { bag(&$0, first: true) },
    .silent("a target of the mean") { mean(&$0) { $0.reduce(0, +) } },
    .silent("a bag of ids, and whether one of them is there") { bag(&$0, first: false) },
    .silent("a layer that sees all steps") { net in
      var random = FixedRandom(seed: 11)
      let x = (0..<80).map { _ in (0..<5).map { _ in Float(random.normal()) } }
      net.input(shape: [80, 5, 1], x.flatMap { $0 })
      net.layer("Flatten")
      net.dense("fc", [[0.1, 0.2, -0.1, 0.3, 0.2]])
      net.loss("mse", shape: [80, 1], x.map { $0[4] - $0[0] })
      net.training["epochs"] = .int(5)
    },
    .cannotTell("ten rows") { mean(&$0, rows: 10) { $0[4] - $0[0] } },
  ]
}
