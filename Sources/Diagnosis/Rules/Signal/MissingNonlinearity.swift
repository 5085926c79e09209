import Replay
import Runs
import Trials

/// Two layers of weights with nothing non-linear between them.
struct MissingNonlinearity: Rule {
  static let info = RuleInfo(
    id: "missing-nonlinearity", title: "No activation between two layers", severity: .warning,
    evidence: .proof,
    summary: "Everything that a layer of weights gives goes on into other weights linearly.",
    rationale: """
      A product of two matrices is a matrix: two layers without an activation between them can
      compute nothing that one could not, however wide the first is. It is told from designs in
      which that is meant: a layer narrower than both its neighbours is a factorization of low rank
      and only a note; a signal that also goes elsewhere (a residual path, an attention product, an
      output of the model, a normalization) or grouped convolutions followed by a 1×1 are silent.
      """,
    remedy: "Put an activation such as ReLU after the first layer, or make the two one.",
    source: "Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.1",
    harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let graph = exam.run.graph
    let layers = graph.nodes.indices.filter { SignalPath.kernel(of: graph.nodes[$0], exam) != nil }
    guard layers.count > 1 else { throw NotChecked("the graph has no two layers of weights") }
    return layers.compactMap { index in
      let first = graph.nodes[index]
      guard let input = SignalPath.affineInput(of: first, exam), let output = first.outputs.first,
        first.outputs.count == 1, !isGrouped(first, input, exam),
        let next = SignalPath.kernelsFedLinearly(by: output, exam)
      else { return nil }
      return finding(first, input, next.map { graph.nodes[$0] }, exam)
    }
  }

  /// Whether a convolution's kernel spans fewer channels than its input has.
  private func isGrouped(_ node: Graph.Node, _ input: Int, _ exam: Examination) -> Bool {
    guard node.kind.states(.slides), let kernel = SignalPath.kernel(of: node, exam) else {
      return false
    }
    let shapes = (exam.plan.operands[input].shape, exam.plan.operands[kernel.tensor].shape)
    return shapes.0.rank > 1 && shapes.1.rank > 1 && shapes.0[1] != shapes.1[1]
  }

  private func finding(
    _ first: Graph.Node, _ input: Int, _ next: [Graph.Node], _ exam: Examination
  ) -> Finding {
    let units = { (tensor: Int?) -> Int in
      guard let tensor else { return 0 }
      return UnitLayout(exam.plan.operands[tensor].shape, axis: exam.plan.unitAxes[tensor]).units
    }
    let (before, width) = (units(input), units(first.outputs.first))
    let after = next.map { units($0.outputs.first) }.max() ?? 0
    let isNarrow = width < before && width < after
    let names = next.map(\.layer).joined(separator: ", ")
    let consequence =
      isNarrow
      ? "With \(width) units between \(before) and \(after) this is a factorization of rank \(width)"
      : "Together they compute no more than one layer from \(before) to \(after) could"
    return Finding(
      Self.self, isNarrow ? .note : .warning, at: Place(.layer, first.layer),
      """
      Proved: nothing non-linear stands between \(first.layer) (\(first.op), \
      \(Wording.count(width, "unit"))) and \(names). \(consequence).
      """,
      evidence: [
        Measure("next", .strings(next.map(\.layer))),
        Measure("widths", .ints([before, width, after]), unit: "units"),
      ], tensors: first.outputs)
  }
}

extension MissingNonlinearity {
  private static let rows: [[Float]] = [[1, 2], [-1, 0.5], [0.3, -2]]
  private static let wide: [[Float]] = [[1, 0.5], [0.2, -1], [0.3, 0.4]]

  private static let examples: [Example] = [
    .fires("a hidden layer without activation", at: ["fc1"]) { net in
      net.input(rows)
      net.dense("fc1", wide, bias: [0, 0, 0])
      net.dense("fc2", [[0.3, 0.2, -0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .fires("dropout is no activation, and two heads follow", at: ["fc1"]) { net in
      net.input(rows)
      net.dense("fc1", wide)
      net.layer("Dropout", "drop")
      net.dense("head1", [[0.3, 0.2, -0.5]])
      net.loss("mse", target: "y1", shape: [3, 1], [1, 2, 3])
      net.branch(from: "drop")
      net.dense("head2", [[0.1, -0.2, 0.5]])
      net.loss("mse", target: "y2", shape: [3, 1], [3, 2, 1])
    },
    .fires("a narrow code: a note", at: ["code"]) { net in
      net.input(rows)
      net.dense("code", [[0.6, 0.4]])
      net.dense("decoder", [[0.5], [0.7]])
      net.loss("mse", shape: [3, 2], [1, 2, -1, 0.5, 0.3, -2])
    },
    .silent("a ReLU between") { net in
      net.input(rows)
      net.dense("fc1", wide)
      net.layer("Relu")
      net.dense("fc2", [[0.3, 0.2, -0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("a residual path around the second layer") { net in
      net.input(rows)
      net.dense("fc1", [[1, 0.5], [0.2, -1]])
      net.dense("fc2", [[0.3, 0.2], [0.1, 0.4]])
      net.layer("Add", operands: ["fc1"])
      net.layer("Relu")
      net.dense("fc3", [[1, 1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("keys and queries meet in a product") { net in
      net.input(rows)
      net.dense("query", [[1, 0.5], [0.2, -1]])
      net.branch(from: "x")
      net.dense("key", [[0.3, 0.2], [0.1, 0.4]])
      net.layer("Mul", operands: ["query"])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .cannotTell("one layer") { net in
      net.input(rows)
      net.dense("fc", [[1, 0.5]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
  ]
}
