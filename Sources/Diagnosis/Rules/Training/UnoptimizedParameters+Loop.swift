import Runs
import Trials

// What playing the training again tells of parameters that it did not move.
extension UnoptimizedParameters {
  /// Parameters that no step moved, though the run does not say that the optimizer lacks them.
  func leftBehind(_ exam: Examination) -> [Finding] {
    guard let loop = try? LoopComparison(exam), let match = loop.match(.partial) else { return [] }
    let known = Set(exam.run.training.optimizer?.missing ?? [])
    let still = Movement.unmoved(exam).filter { !known.contains($0.name) }
    guard let first = still.first else { return [] }
    var finding = loop.finding(
      Self.self, match, at: Place(.parameter, first.name),
      """
      The training did not move \(Wording.count(still.count, "trainable parameter")): with steps of \
      the others alone, \(loop.reproduced(match)). With steps of all, \(loop.cured).
      """,
      remedy: """
        Give the optimizer all parameters (model.parameters()), or all gradients and variables to \
        apply_gradients, and make it after the last change of the model.
        """)
    finding.others = still.dropFirst().map { Place(.parameter, $0.name) }
    return [finding]
  }

  /// Frozen parameters without which the training learns little, and with which it learns a lot.
  func frozen(_ exam: Examination) -> [Finding] {
    let frozen = exam.run.graph.parameters.filter(\.isFrozen)
    guard let first = frozen.first, let loop = try? LoopComparison(exam),
      let thawed = loop.trials.lifted(.thawed),
      loop.trials.ended >= exam.value(Self.poor, of: Self.self)
    else { return [] }
    var finding = loop.finding(
      Self.self, thawed, cured: thawed, at: Place(.parameter, first.name),
      """
      \(Wording.count(frozen.count, "parameter")) of the model \(frozen.count == 1 ? "is" : "are") \
      frozen. With \(frozen.count == 1 ? "it" : "them") trained too, the same training ends at a loss \
      of \(loop.loss(thawed)); yours ended at \(loop.ended).
      """,
      remedy: """
        Freeze only layers that were trained before: set requires_grad = True (layer.trainable = True) \
        for these, and make the optimizer after that.
        """)
    finding.severity = .warning
    finding.others = frozen.dropFirst().map { Place(.parameter, $0.name) }
    return [finding]
  }
}

extension UnoptimizedParameters {
  /// y = x₀ − 2·x₁ by a trunk of one unit that stays as it is, and a head fitted behind it.
  static func narrow(_ net: inout RunBuilder, frozen: Bool = false, trunk: [Float] = [1, 0]) {
    let rows: [[Float]] = (0..<60).map { row in
      [Float((row * 7) % 11) / 5 - 1, Float((row * 5) % 13) / 6 - 1]
    }
    let targets = rows.map { $0[0] - 2 * $0[1] }
    let seen = rows.map { $0[0] * trunk[0] + $0[1] * trunk[1] }
    let count = Float(rows.count)
    let (meanX, meanY) = (seen.reduce(0, +) / count, targets.reduce(0, +) / count)
    let covariance = zip(seen, targets).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let slope = covariance / seen.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    net.input(rows)
    net.parameter(
      "trunk.weight", shape: [1, 2], trunk, initial: trunk, trainable: !frozen, frozen: frozen)
    net.layer("Gemm", "trunk", operands: ["trunk.weight"], attributes: ["transB": .int(1)])
    net.dense(
      "head", [[slope]], bias: [meanY - slope * meanX], initial: [[0.1]], initialBias: [0])
    net.loss("mse", shape: [60, 1], targets)
    net.training["steps"] = .int(200)
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(0.1),
    ])
  }
}
