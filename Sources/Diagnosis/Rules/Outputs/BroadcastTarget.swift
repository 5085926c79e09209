import Runs
import Tensors

/// Prediction and target shapes that broadcast in the loss.
struct BroadcastTarget: Rule {
  static let info = RuleInfo(
    id: "broadcast-target", title: "Targets broadcast against predictions", severity: .error,
    evidence: .proof,
    summary:
      "Prediction and target have different shapes, and the loss stretches one to the other.",
    rationale: """
      A prediction of shape (N, 1) and a target of shape (N,) broadcast to (N, N): every prediction
      is compared with every target. The best that such a loss can ask for is the mean of the
      targets, the same for every sample. The loss is computed both ways, as it was trained and
      with the target in the prediction's shape.
      """,
    remedy: "Give the target the shape of the prediction, for instance with y.reshape(-1, 1).",
    source: "NumPy documentation, broadcasting; PyTorch's warning in mse_loss", examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLosses()
    return exam.run.losses.indices.compactMap { squeezed($0, exam) ?? finding($0, exam) }
  }

  /// A loss that is judged as if the loop had squeezed one side.
  private func squeezed(_ index: Int, _ exam: Examination) -> Finding? {
    let term = exam.run.losses[index]
    guard exam.run.squeezed.contains(term.target) else { return nil }
    let shape = exam.plan.operands[term.prediction].shape
    let loss = exam.current.losses[index].value
    return Finding(
      Self.self, .note,
      at: Place(.loss, "\(exam.run.graph.layer(of: term.prediction)) / \(term.target)"),
      """
      The target that was handed over has another shape than the prediction, \
      \(Self.text(shape.dims.dropFirst())). \(Self.reason(term, exam)) So the loop must have squeezed \
      the prediction or reshaped the target, and the loss is judged that way: it is \
      \(Wording.number(loss)).
      """,
      evidence: [Measure("loss", loss)],
      remedy: "Nothing is wrong; hand over the target in the shape that the loss takes.",
      tensors: [term.prediction])
  }

  private static func reason(_ term: Run.LossTerm, _ exam: Examination) -> String {
    guard type(of: term.loss).info.targets == .values, let last = SqueezedTargets.recorded(exam)
    else {
      return "This loss takes no two different shapes."
    }
    return "The history ends at \(Wording.number(last)), which a broadcast loss does not give."
  }

  private func finding(_ index: Int, _ exam: Examination) -> Finding? {
    let term = exam.run.losses[index]
    guard type(of: term.loss).info.targets == .values, let array = exam.run.data[term.target]
    else { return nil }
    let prediction = exam.plan.operands[term.prediction].shape
    let row = Array(array.shape.dropFirst())
    guard prediction.rank > 0, Array(prediction.dims.dropFirst()) != row else { return nil }
    let mixed = exam.plan.couplings[index] == .mixed
    let shapes = (Self.text(prediction.dims.dropFirst()), Self.text(row[...]))
    let loss = exam.current.losses[index]
    var message =
      "Proved: the prediction has shape \(shapes.0) and the target \(shapes.1), "
      + (mixed
        ? "so that every prediction is compared with the targets of all samples in its batch."
        : "so that one of them is repeated along the columns.")
    var evidence = [
      Measure("prediction_shape", .string(shapes.0)), Measure("target_shape", .string(shapes.1)),
      Measure("loss", loss.value),
    ]
    if let aligned = loss.aligned {
      message +=
        " The loss is \(Wording.number(loss.value)) as trained, and \(Wording.number(aligned)) "
        + "with the target in the prediction's shape."
      evidence.append(Measure("aligned_loss", aligned))
    }
    return Finding(
      Self.self, mixed ? .error : .warning,
      at: Place(.loss, "\(exam.run.graph.layer(of: term.prediction)) / \(term.target)"), message,
      evidence: evidence, tensors: [term.prediction])
  }

  private static func text(_ row: ArraySlice<Int>) -> String {
    row.isEmpty ? "(N,)" : "(N, \(row.map(String.init).joined(separator: ", ")))"
  }
}

extension BroadcastTarget {
  private static let examples: [Example] = [
    .fires("a column against a list", at: ["fc / y"]) { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [3], [1, 2, 3])
    },
    .silent("the same shape") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("class indices have no column") { net in
      net.input([[1], [2], [3]])
      net.dense("fc", [[1], [2]])
      net.loss("cross-entropy", shape: [3], [0, 1, 1])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
