import Npy
import Operators
import Runs
import Tensors

/// A row's output that depends on the other rows of its batch.
struct CoupledSamples: Rule {
  static let info = RuleInfo(
    id: "coupled-samples", title: "Samples that meet in a batch", severity: .error,
    evidence: .proof,
    summary: """
      What the model predicts for a sample depends on the other samples of its batch, although each
      prediction has a target of its own.
      """,
    rationale: """
      A softmax, a mean or a recurrence along axis 0 runs over the samples of a batch instead of over
      classes, features or steps. Training then pushes samples against each other, and a prediction
      changes with its company: alone, it is another one. Batch normalisation does so on purpose and is
      not meant, and neither are losses that compare all samples with all others, whose predictions
      have the batch along two axes. The graph alone is the proof: the operator that is named reads
      across rows whatever the values.
      """,
    remedy: """
      Give the operator the axis of the classes, features or steps (dim=1 or dim=-1 in place of dim=0; \
      batch_first=True for a recurrence over inputs of shape (samples, steps, features)).
      """,
    source: "PyTorch documentation of torch.nn.Softmax and torch.nn.LSTM, dim and batch_first",
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard let index = Self.coupler(exam) else { return [] }
    guard exam.run.batchSize > 1 else {
      throw NotChecked("batches of one sample let no samples meet")
    }
    let node = exam.run.graph.nodes[index]
    let paired = zip(exam.run.losses, exam.plan.couplings).filter { term, coupling in
      exam.plan.batchAxes[term.prediction] == [0] && coupling != .mixed && coupling != .whole
        && SignalPath.ancestors(of: term.prediction, exam.run.graph)
          .contains(where: node.outputs.contains)
    }
    // Without a target per row nothing says that the rows are apart.
    guard !paired.isEmpty else { return [] }
    let shape = node.outputs.first.map { exam.plan.operands[$0].shape } ?? .scalar
    return [
      Finding(
        Self.self, .error, at: Place(.layer, node.layer),
        """
        Proved by the graph: this \(node.op), whose output has shape \(Self.text(shape)), reads \
        across axis 0, along which the samples of a batch lie. Each prediction depends on the other \
        samples of its batch, of which there are up to \(exam.run.batchSize).
        """,
        evidence: [
          Measure("operator", .string(node.op)), Measure("axis", 0),
          Measure("batch_size", exam.run.batchSize, unit: "samples"),
        ], tensors: node.outputs)
    ]
  }

  /// The first node that lets samples meet, batch normalisation apart; nil when there is none. A reshape
  /// computes nothing of two values: whether it lays samples among each other is a question of its axes.
  private static func coupler(_ exam: Examination) -> Int? {
    guard exam.plan.coupler != nil else { return nil }
    return exam.run.graph.nodes.indices.first { index in
      let node = exam.run.graph.nodes[index]
      let inputs = node.inputs.map { $0.map { exam.plan.operands[$0] } }
      let shapes = node.outputs.map { exam.plan.operands[$0].shape }
      return inputs.contains { $0?.batched ?? false } && !node.kind.states(.normalizesBatch)
        && !node.kind.states(.keepsOrder)
        && !node.kind.keepsSamples(inputs, shapes)
    }
  }

  private static func text(_ shape: Shape) -> String {
    let rest = shape.dims.dropFirst().map { ", \($0)" }.joined()
    return "(N\(rest.isEmpty ? "," : rest))"
  }
}

extension CoupledSamples {
  private static let examples: [Example] = [
    .fires("a softmax over the batch", at: ["softmax"]) { net in
      net.input([[1, 2], [3, 4], [0, 1], [2, 2]])
      net.dense("fc", [[1, -1], [0.5, 1]])
      net.layer("Softmax", "softmax", attributes: ["axis": .int(0)])
      net.loss("mse", shape: [4, 2], [1, 0, 0, 1, 1, 0, 0, 1])
    },
    .silent("a contrastive head: its predictions have the batch along two axes") { net in
      net.input([[1, 2], [3, 4], [0, 1], [2, 2]])
      net.dense("fc", [[1, -1], [0.5, 1]])
      net.layer("Transpose", "turned", attributes: ["perm": .ints([1, 0])])
      net.branch(from: "fc")
      net.layer("MatMul", "pairs", operands: ["turned"])
      net.loss("cross-entropy", shape: [4], [0, 1, 2, 3])
    },
    .cannotTell("one sample per batch") { net in
      net.input([[1, 2]])
      net.dense("fc", [[1, -1], [0.5, 1]])
      net.layer("Softmax", "softmax", attributes: ["axis": .int(0)])
      net.loss("mse", shape: [1, 2], [1, 0])
    },
    .silent("all steps of all samples, one after the other") { net in
      net.input(shape: [4, 2, 2], (0..<16).map { Float($0 % 5) - 2 })
      net.parameter("rows", shape: [2], [-1, 2], trainable: false)
      net.layer("Reshape", "rows_of_steps", operands: ["rows"])
      net.dense("fc", [[1, -1], [0.5, 1]])
      net.parameter("steps", shape: [3], [-1, 2, 2], trainable: false)
      net.layer("Reshape", "steps_again", operands: ["steps"])
      net.loss("mse", shape: [4, 2, 2], (0..<16).map { Float($0 % 3) })
    },
    .silent("a softmax over the classes") { net in
      net.input([[1, 2], [3, 4], [0, 1], [2, 2]])
      net.dense("fc", [[1, -1], [0.5, 1]])
      net.layer("Softmax", "softmax", attributes: ["axis": .int(1)])
      net.loss("mse", shape: [4, 2], [1, 0, 0, 1, 1, 0, 0, 1])
    },
  ]
}
