import Operators
import Runs
import Tensors

/// Normalizations over so few values that next to nothing of them is left.
struct TinyNormalization: Rule {
  static let values = Threshold(
    "values", 2, unit: "values", "groups of so few values or less are tiny")

  static let info = RuleInfo(
    id: "tiny-normalization", title: "Normalization over next to nothing", severity: .error,
    evidence: .proof,
    summary: "A normalization takes mean and variance of one or two values.",
    rationale: """
      A normalization takes the mean of a group of values away and divides by their deviation. Of one
      value nothing is left: the output is the bias. Of two values only their order is: the larger one
      becomes 1, the smaller one −1. So it is with LayerNorm over one or two features, GroupNorm or
      InstanceNorm over one or two values per group, and BatchNorm over batches of two. Without a mean
      that is taken away, as in RMSNorm, one value keeps its sign.
      """,
    remedy: """
      Normalize over more values: over another axis, in fewer groups, before pooling, or in larger \
      batches; or leave this normalization out.
      """,
    source: "Wu & He, Group Normalization (2018), arXiv:1803.08494", thresholds: [values],
    harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let limit = exam.value(Self.values, of: Self.self)
    return exam.run.graph.nodes.compactMap { node in
      let inputs = node.inputs.map { $0.map { exam.plan.operands[$0] } }
      guard let group = node.kind.normalizedGroup(inputs), group.values > 0,
        // Without a mean that is taken away, one value less goes.
        group.values + (group.isCentred ? 0 : 1) <= Int(limit),
        let input = node.inputs.first.flatMap({ $0 }), !(inputs[0]?.shape.dims.contains(0) ?? true)
      else { return nil }
      // A batch of one is the batch's fault, and no choice of the layer.
      if node.kind.states(.normalizesBatch), exam.run.batchSize == 1 { return nil }
      return finding(node, input, group, exam)
    }
  }

  private func finding(
    _ node: Graph.Node, _ input: Int, _ group: NormalizedGroup, _ exam: Examination
  ) -> Finding {
    let isEmpty = group.isCentred && group.values == 1
    let shape = exam.plan.operands[input].shape
    let left =
      isEmpty
      ? "whose mean is the value itself: nothing is left of it but the bias"
      : group.values == 1
        ? "of which only the sign is left" : "of which only the order is left, as 1 and −1"
    return Finding(
      Self.self, isEmpty ? .error : .warning, at: Place(.layer, node.layer),
      """
      Proved by the shapes: this \(node.op) over an input of shape \(shape) normalizes \
      \(Wording.count(group.values, "value")) at a time, \(left).
      """,
      evidence: [
        Measure(
          "values", group.values, unit: "values per group",
          threshold: exam.value(Self.values, of: Self.self)),
        Measure("shape", .ints(shape.dims)),
      ], tensors: node.outputs + [input])
  }
}

extension TinyNormalization {
  private static func network(_ net: inout RunBuilder, width: Int) {
    net.input([[1, 2], [3, -4], [0.5, 6], [-7, 1]])
    net.dense("fc1", (0..<width).map { [Float($0) - 0.5, 1 - 0.3 * Float($0)] })
    net.parameter("norm.scale", shape: [width], .init(repeating: 1, count: width))
    net.parameter("norm.shift", shape: [width], .init(repeating: 0, count: width))
    net.layer("LayerNormalization", "norm", operands: ["norm.scale", "norm.shift"])
    net.dense("fc2", [(0..<width).map { 0.5 - 0.2 * Float($0) }])
    net.loss("mse", shape: [4, 1], [1, 2, 0, 3])
  }

  private static func channels(_ net: inout RunBuilder, _ op: String, shape: [Int], groups: Int?) {
    net.input(shape: shape, (0..<shape.reduce(1, *)).map { Float($0 * 7 % 11) - 5 })
    net.parameter("norm.scale", shape: [shape[1]], .init(repeating: 1, count: shape[1]))
    net.parameter("norm.shift", shape: [shape[1]], .init(repeating: 0, count: shape[1]))
    net.layer(
      op, "norm", operands: ["norm.scale", "norm.shift"],
      attributes: groups.map { ["num_groups": .int($0)] } ?? [:])
    net.layer("Flatten", "flat")
    let width = shape.dropFirst().reduce(1, *)
    net.dense("fc", [(0..<width).map { 0.1 * Float($0 % 5) - 0.2 }])
    net.loss("mse", shape: [shape[0], 1], (0..<shape[0]).map { Float($0 % 3) })
  }

  private static let examples: [Example] = [
    .fires("a LayerNorm over one feature", at: ["norm"]) { network(&$0, width: 1) },
    .fires("a LayerNorm over two features", at: ["norm"]) { network(&$0, width: 2) },
    .fires("a group of one channel and one pixel", at: ["norm"]) {
      channels(&$0, "GroupNormalization", shape: [4, 4, 1, 1], groups: 4)
    },
    .fires("an InstanceNorm over one pixel", at: ["norm"]) {
      channels(&$0, "InstanceNormalization", shape: [4, 3, 1, 1], groups: nil)
    },
    .silent("a LayerNorm over eight features") { network(&$0, width: 8) },
    .silent("groups of many pixels") {
      channels(&$0, "GroupNormalization", shape: [4, 4, 2, 2], groups: 4)
    },
    .silent("no normalization") { net in
      net.input([[1, 2], [3, 4]])
      net.dense("fc", [[0.5, 0.2]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
