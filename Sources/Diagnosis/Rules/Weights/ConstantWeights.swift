/// A kernel whose values are all one number.
struct ConstantWeights: Rule {
  static let info = RuleInfo(
    id: "constant-weights", title: "A kernel of one value", severity: .error, evidence: .proof,
    summary: "All weights between two layers have the same value, now or before the training.",
    rationale: """
      Units that start with equal weights get equal gradients and stay equal: a layer of them is
      worth one unit. A head of zeros passes no gradient back, so that the layers before it do not
      move until it has. Biases and the scales of normalisations start constant on purpose and are
      left out. A linear model may start from zeros without harm, since its gradient needs no other
      weights: that is a note, as is a constant start that the training has overcome.
      """,
    remedy:
      "Draw the weights at random: Glorot (tanh, sigmoid, linear) or He (ReLU) initialisation.",
    source: "Goodfellow, Bengio & Courville, Deep Learning (2016), section 8.4",
    harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let kernels = exam.kernels
    guard !kernels.isEmpty else { throw NotChecked("no layer has weights") }
    return kernels.compactMap { finding($0, exam) }
  }

  private func finding(_ kernel: Examination.Kernel, _ exam: Examination) -> Finding? {
    guard kernel.parameter.trainable, kernel.parameter.array.count > 1 else { return nil }
    let now = Self.constant(exam.values(kernel.parameter))
    let start = Self.constant(exam.initialValues(kernel.parameter))
    guard let value = start ?? now else { return nil }
    let harm = harm(kernel, value, exam)
    let stillEqual =
      now != nil || UnitSymmetry.groups(exam.values(kernel.parameter), kernel.layout).count == 1
    let severity: Severity = harm == nil ? .note : stillEqual ? .error : .note
    let shape = exam.plan.operands[kernel.parameter.tensor].shape
    let when: String
    switch (start, now) {
    case (_?, nil):
      when =
        stillEqual
        ? "started as one value, \(Wording.number(Double(value))), and its units are equal still"
        : "started as one value, \(Wording.number(Double(value))), and the training has parted them"
    case (_?, _?) where start == now: when = "are \(Wording.number(Double(value))), as at the start"
    case (_?, let end?):
      when =
        "started as \(Wording.number(Double(value))) and are all \(Wording.number(Double(end))) now"
    default: when = "are \(Wording.number(Double(value)))"
    }
    return Finding(
      Self.self, severity, at: Place(.parameter, kernel.parameter.name),
      "Proved: all \(kernel.parameter.array.count) weights \(when). \(harm ?? Self.harmless)",
      evidence: [
        Measure("value", Double(value)), Measure("shape", .ints(shape.dims)),
        Measure("at_start", .bool(start != nil)), Measure("now", .bool(now != nil)),
      ],
      tensors: [kernel.parameter.tensor] + kernel.node.outputs
        + kernel.node.inputs.compactMap { $0 })
  }

  private static let harmless =
    "Nothing before this layer is trained, so that no unit is held back."

  /// What a constant kernel spoils: the difference between hidden units, or the gradient of what
  /// stands before it; nil when it spoils neither.
  private func harm(
    _ kernel: Examination.Kernel, _ value: Float, _ exam: Examination
  ) -> String? {
    let isHead = kernel.node.outputs.contains { exam.isHead($0) || isLast($0, exam) }
    let before = kernel.node.inputs.first.flatMap { $0 }.map(exam.hasTrainableAncestors) ?? false
    if value == 0 && before { return "Zeros pass no gradient back to the layers before." }
    if !isHead && kernel.layout.units > 1 {
      return "Its \(kernel.layout.units) units compute the same and cannot part."
    }
    return nil
  }

  private func isLast(_ tensor: Int, _ exam: Examination) -> Bool {
    exam.run.graph.outputs.contains(tensor)
      || exam.run.losses.contains { $0.prediction == tensor }
  }

  /// The value of an array whose elements are all equal; nil for others, and for none at all.
  static func constant(_ values: UnsafeBufferPointer<Float>) -> Float? {
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}

extension ConstantWeights {
  private static let examples: [Example] = [
    .fires("hidden weights of one value", at: ["fc1.weight"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[0.1, 0.1], [0.1, 0.1]])
      net.layer("Relu")
      net.dense("fc2", [[0.3, 0.2]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .fires("a head of zeros over a hidden layer", at: ["fc2.weight"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[0.1, 0.2], [0.3, 0.1]])
      net.layer("Relu")
      net.dense("fc2", [[0, 0]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .fires("a linear model from zeros: a note", at: ["fc.weight"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc", [[0, 0]], bias: [0])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("constant biases only") { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc", [[0.1, 0.2]], bias: [0])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("a kernel of a single weight") { net in
      net.input([[1], [2]])
      net.dense("fc", [[0.5]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("no kernel at all") { net in
      net.input([[1], [2]])
      net.layer("Relu")
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
