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
