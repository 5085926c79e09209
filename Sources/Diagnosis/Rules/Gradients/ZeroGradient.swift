import Runs
import Tensors

/// Parameters that no sample moves.
struct ZeroGradient: Rule {
  static let info = RuleInfo(
    id: "zero-gradient", title: "A parameter without gradient", severity: .error, evidence: .proof,
    summary: "A trainable parameter's gradient is exactly zero on every sample.",
    rationale: """
      A step of the optimizer is a multiple of the gradient: a parameter without any never moves
      (but for weight decay). The finding names the cut: the places that block every path between
      the parameter and the loss. Sums that cancel between samples are no zero gradient: each
      sample's own share has to vanish. A model that fits every sample exactly is silent here, for
      then the loss has nothing left to ask.
      """,
    remedy: """
      Let the gradient through where it ends: an activation with a slope there, such as LeakyReLU, \
      scaled inputs, and weights that are not zero.
      """,
    source: "Rumelhart, Hinton & Williams, Learning representations by back-propagating (1986)",
    harmsLearning: true, link: .state, onset: .samePlace, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    if isFitted(exam) { return [] }
    // With one step there is nothing to carry on: the shapes say so, and no gradient could be there.
    let idle = Set(exam.idleRecurrences.flatMap(\.weights).map(\.tensor))
    return exam.run.graph.parameters.compactMap { parameter in
      guard parameter.trainable, parameter.array.count > 0, !exam.flow.stopped[parameter.tensor],
        !idle.contains(parameter.tensor)
      else { return nil }
      guard exam.flow.reached[parameter.tensor] else {
        return Finding(
          Self.self, .warning, at: Place(.parameter, parameter.name),
          "No loss depends on this parameter: no path of the graph leads from it to one.",
          evidence: [Measure("cut", .string("no path to a loss"))],
          remedy: "Use it in a loss, or mark it as not trainable.", tensors: [parameter.tensor])
      }
      guard let gradient = exam.current.parameterGradients[parameter.tensor],
        gradient.allSatisfy({ $0 == 0 }), isZeroOnEverySample(parameter, exam)
      else { return nil }
      return finding(parameter, exam)
    }
  }

  /// Whether the losses ask for nothing because every sample is fitted.
  private func isFitted(_ exam: Examination) -> Bool {
    exam.run.losses.allSatisfy { SignalPath.isZero($0.prediction, exam) }
      && abs(exam.current.dataLoss) < 1e-12
  }

  /// A sum of zero may come of samples that cancel; what stands at the nodes' outputs and other
  /// operands tells.
  private func isZeroOnEverySample(_ parameter: Graph.Parameter, _ exam: Examination) -> Bool {
    exam.run.graph.consumers[parameter.tensor].allSatisfy { use in
      let node = exam.run.graph.nodes[use.node]
      if node.outputs.allSatisfy({ SignalPath.isZero($0, exam) }) { return true }
      return node.inputs.enumerated().contains { slot, input in
        slot != use.slot && (input.map { SignalPath.isSilent($0, exam) } ?? false)
      }
    }
  }

  private func finding(_ parameter: Graph.Parameter, _ exam: Examination) -> Finding {
    let graph = exam.run.graph
    var places: [String] = []
    var tensors: [Int] = []
    for use in graph.consumers[parameter.tensor] {
      let node = graph.nodes[use.node]
      if node.outputs.allSatisfy({ SignalPath.isZero($0, exam) }) {
        for output in node.outputs {
          let cut = SignalPath.cuts(after: output, exam)
          places += cut.nodes.map { "\(graph.nodes[$0].layer) (\(graph.nodes[$0].op))" }
          places += cut.predictions.map { "the loss on \(graph.layer(of: $0))" }
          tensors += cut.nodes.flatMap { graph.nodes[$0].inputs.compactMap { $0 } }
          tensors += cut.predictions
        }
      } else {
        let silent = node.inputs.compactMap { $0 }.filter { SignalPath.isSilent($0, exam) }
        places += silent.map { "\(graph.layer(of: $0)), whose output is zero on every sample" }
        tensors += silent
      }
    }
    let cut = Array(Set(places)).sorted()
    let ends = Set(tensors).sorted()
    return Finding(
      Self.self, .error, at: Place(.parameter, parameter.name),
      """
      Proved on \(exam.current.samples) samples: the gradient of all \
      \(Wording.count(parameter.array.count, "value")) is exactly zero. The gradient ends at \
      \(cut.joined(separator: ", ")).
      """,
      evidence: [
        Measure("cut", .strings(cut)), Measure("values", parameter.array.count),
        Measure("samples", exam.current.samples),
      ], tensors: [parameter.tensor] + ends, facts: Facts(gradientEnds: ends))
  }
}

extension ZeroGradient {
  private static let examples: [Example] = [
    .fires("behind a dead layer", at: ["fc1.weight", "fc1.bias", "fc2.weight"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[1, 1], [0.5, -1]], bias: [-10, -10])
      net.layer("Relu")
      net.dense("fc2", [[1, 1]], bias: [0])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .fires("behind a head of zeros", at: ["fc1.weight"]) { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2]])
      net.dense("fc1", [[1, 1], [0.5, -1]])
      net.dense("fc2", [[0, 0]], bias: [0])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .silent("samples that cancel at a saddle") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[0]])
      net.loss("mse", shape: [2, 1], [1, 1])
    },
    .silent("every sample is fitted exactly") { net in
      net.input([[1], [2]])
      net.dense("fc", [[2]])
      net.loss("mse", shape: [2, 1], [2, 4])
    },
    .silent("a layer before the model stops gradients on purpose") { net in
      net.input([[1], [2]])
      net.dense("fc", [[2]])
      net.layer("StopGradient")
      net.dense("head", [[1]], bias: [0])
      net.loss("mse", shape: [2, 1], [3, 4])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[2]])
    },
  ]
}
