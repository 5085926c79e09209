import Runs
import Trials

/// Recurrent layers whose state grows from step to step.
struct UnstableRecurrence: Rule {
  static let growth = Threshold(
    "growth", 10, unit: "state after the last step / in the middle", "a larger one runs away")

  static let info = RuleInfo(
    id: "unstable-recurrence", title: "A state that runs away", severity: .error,
    evidence: .proof,
    summary: """
      The state of a recurrent layer grows with every step, or a training that is no longer finite stays \
      so once the state is bounded.
      """,
    rationale: """
      A recurrence multiplies its state by the same weights at every step. Where nothing bounds it, as
      with ReLU in place of tanh, and the weights enlarge it, it grows like a power of the number of
      steps, and its gradient with it: one update more, and it is infinite. A state that only adds up, as
      a counter does, doubles over the second half of its steps; one that runs away grows tenfold and
      more. Where the weights are no longer finite, the training is tried again as it was set, and with
      tanh for the state: if it then runs away the first time and not the second, that is the proof.
      ReLU in a recurrent layer that stays finite is no fault.
      """,
    remedy: """
      Use tanh for the state (Keras: leave activation as it is; PyTorch: nonlinearity='tanh'), or begin \
      with recurrent weights of spectral radius 1 or less (orthogonal, identity) and clip the gradient.
      """,
    source:
      "Pascanu, Mikolov & Bengio (2013), arXiv:1211.5063; Le, Jaitly & Hinton (2015), arXiv:1504.00941",
    thresholds: [growth], harmsLearning: true, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let layers = exam.run.graph.nodes.indices.filter {
      exam.recurrence(of: exam.run.graph.nodes[$0]).map { !$0.isBounded } ?? false
    }
    guard !layers.isEmpty else { return [] }
    if let trial = exam.boundedTrial { return [proved(trial, layers, exam)] }
    guard exam.isFinite || exam.startWeights != nil else {
      throw NotChecked("the weights are not finite, and the training cannot be tried again")
    }
    let limit = exam.value(Self.growth, of: Self.self)
    return exam.growth.filter { layers.contains($0.node) && $0.ratio > limit }.map {
      grown($0, limit, exam)
    }
  }

  private func proved(_ trial: BoundedTrial, _ layers: [Int], _ exam: Examination) -> Finding {
    let nodes = exam.run.graph.nodes
    let grown = trial.growth.filter { layers.contains($0.node) }.max { $0.ratio < $1.ratio }
    let own = nodes[grown?.node ?? layers[0]]
    let growth =
      grown.map {
        $0.ratio > 2 ? ", while its state grew \(Wording.number($0.perStep)) times per step" : ""
      } ?? ""
    var finding = Finding(
      Self.self, .error, at: Place(.layer, own.layer),
      """
      Proved by trials: nothing bounds the state of this \(own.op). The training as it was set, tried \
      again, is no longer finite after \(Wording.count(trial.updates, "update"))\(growth). With tanh for \
      the state the same training stays finite over \(Wording.count(trial.trained, "update")) and leaves \
      \(Wording.loss(trial.left, of: exam.constantPrediction)).
      """,
      evidence: [
        Measure("diverged_after", trial.updates, unit: "updates"),
        Measure("growth_per_step", grown.map { .number($0.perStep) } ?? .null, unit: "per step"),
        Measure("bounded_loss", trial.left, unit: "of the best constant prediction's loss"),
      ], tensors: layers.flatMap { nodes[$0].outputs }, remaining: trial.left)
    finding.others = layers.map { nodes[$0].layer }.filter { $0 != own.layer }.map {
      Place(.layer, $0)
    }
    return finding
  }

  private func grown(_ growth: StateGrowth, _ limit: Double, _ exam: Examination) -> Finding {
    let node = exam.run.graph.nodes[growth.node]
    let when = exam.isFinite && exam.isTrained != false ? "" : " before the training"
    return Finding(
      Self.self, .error, at: Place(.layer, node.layer),
      """
      Proved by replay: nothing bounds the state of this \(node.op), and\(when) it grows \
      \(Wording.number(growth.perStep)) times per step: \(Wording.times(growth.ratio)) times over the \
      second half of \(growth.steps) steps.
      """,
      evidence: [
        Measure("growth_per_step", growth.perStep, unit: "per step"),
        Measure(
          "growth", growth.ratio, unit: "state after the last step / in the middle",
          threshold: limit), Measure("steps", growth.steps, unit: "steps"),
      ], tensors: node.outputs)
  }
}

extension UnstableRecurrence {
  private static func network(
    _ net: inout RunBuilder, _ function: String, keep: Float, steps: Int = 24, broken: Bool = false
  ) {
    let samples = 8
    net.input(
      shape: [samples, steps, 1], (0..<(samples * steps)).map { Float($0 * 5 % 7) / 7 + 0.1 })
    net.parameter("rnn.w", shape: [1, 1, 1], [broken ? .nan : 0.5])
    net.parameter("rnn.r", shape: [1, 1, 1], [keep])
    net.layer(
      "RNN", "rnn", operands: ["rnn.w", "rnn.r"],
      attributes: ["layout": .int(1), "activations": .strings([function])])
    net.layer("Flatten", "flat")
    net.dense("fc", [.init(repeating: 0.01, count: steps)])
    net.loss("mse", shape: [samples, 1], (0..<samples).map { Float($0 % 3) })
  }

  private static let examples: [Example] = [
    .fires("ReLU and a weight above 1", at: ["rnn"]) { network(&$0, "Relu", keep: 1.6) },
    .silent("tanh and a weight above 1") { network(&$0, "Tanh", keep: 1.6) },
    .silent("ReLU that adds up: the identity") { network(&$0, "Relu", keep: 1) },
    .silent("ReLU that forgets") { network(&$0, "Relu", keep: 0.7) },
    .silent("no recurrent layer") { net in
      net.input([[1, 2], [3, 4]])
      net.dense("fc", [[0.5, 0.1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("weights that are NaN, and no optimizer to try again with") {
      network(&$0, "Relu", keep: 1.6, broken: true)
    },
  ]
}
