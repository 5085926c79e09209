import Runs

/// A softmax on a hidden layer that weighs nothing.
struct HiddenSoftmax: Rule {
  static let info = RuleInfo(
    id: "hidden-softmax", title: "A softmax on a hidden layer", severity: .warning,
    evidence: .proof,
    summary: "A softmax stands between two layers of weights, and is no attention.",
    rationale: """
      A softmax makes its units compete for a sum of 1. On a hidden layer that takes one dimension
      away, makes the signal small (the mean activation is 1 over the number of units), and passes
      back a gradient scaled by p·(1 − p), a few hundredths where other activations have a slope
      near 1. Where its output is multiplied with another signal, as in attention or a gate between
      experts, it is what it should be, and silent.
      """,
    remedy: "Use ReLU or tanh on hidden layers; keep the softmax for the head of a classifier.",
    source: "Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3",
    harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let graph = exam.run.graph
    return graph.nodes.compactMap { node in
      guard node.kind.states(.distribution), let output = node.outputs.first,
        let next = SignalPath.kernelsFedLinearly(by: output, exam)
      else { return nil }
      return finding(node, output, next.map { graph.nodes[$0] }, exam)
    }
  }

  private func finding(
    _ node: Graph.Node, _ output: Int, _ next: [Graph.Node], _ exam: Examination
  ) -> Finding {
    let names = next.map(\.layer).joined(separator: ", ")
    var message =
      "Proved: this \(node.op) feeds the weights of \(names) and weighs no other signal."
    var evidence = [Measure("next", .strings(next.map(\.layer)))]
    if node.kind.states(.probability), let moments = exam.current.activations[output],
      moments.units > 0
    {
      let slopes = (0..<moments.units).map {
        moments.mean[$0] - moments.variance($0) - moments.mean[$0] * moments.mean[$0]
      }
      let slope = slopes.reduce(0, +) / Double(moments.units)
      message += """
         Its \(Wording.count(moments.units, "unit")) leave \
        \(Wording.count(moments.units - 1, "dimension")) and a mean slope of \(Wording.number(slope)).
        """
      evidence += [
        Measure("mean_slope", slope, unit: "p·(1 − p)"),
        Measure("dimensions_left", moments.units - 1),
      ]
    }
    return Finding(
      Self.self, .warning, at: Place(.layer, node.layer), message, evidence: evidence,
      tensors: node.outputs + node.inputs.compactMap { $0 })
  }
}

extension HiddenSoftmax {
  private static let rows: [[Float]] = [[1, 2], [-1, 0.5], [0.3, -2]]
  private static let square: [[Float]] = [[1, 0.5], [0.2, -1]]

  private static let examples: [Example] = [
    .fires("between two dense layers", at: ["softmax1"]) { net in
      net.input(rows)
      net.dense("fc1", square)
      net.layer("Softmax")
      net.dense("fc2", square)
      net.loss("cross-entropy", shape: [3], [0, 1, 1])
    },
    .fires("a log-softmax, through dropout", at: ["logsoftmax1"]) { net in
      net.input(rows)
      net.dense("fc1", square)
      net.layer("LogSoftmax")
      net.layer("Dropout")
      net.dense("fc2", [[1, 1]])
      net.loss("mse", shape: [3, 1], [0, 1, 1])
    },
    .silent("the head of a classifier") { net in
      net.input(rows)
      net.dense("fc1", square)
      net.layer("LogSoftmax")
      net.loss("nll", shape: [3], [0, 1, 1])
    },
    .silent("a gate: its weights meet another signal") { net in
      net.input(rows)
      net.dense("value", square)
      net.branch(from: "x")
      net.dense("gate", square)
      net.layer("Softmax")
      net.layer("Mul", operands: ["value"])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [3, 1], [0, 1, 1])
    },
    .silent("no softmax at all") { net in
      net.input(rows)
      net.dense("fc", square)
      net.loss("cross-entropy", shape: [3], [0, 1, 1])
    },
  ]
}
