import Glibc
import Trials

/// A learning rate that was spent before the training was done.
struct DecayedLearningRate: Rule {
  static let info = RuleInfo(
    id: "decayed-learning-rate", title: "Learning rate decayed too soon", severity: .error,
    evidence: .proof,
    summary: """
      The training with its first learning rate throughout ends decisively better than the user's did, \
      and the same training with a rate that falls ends where the user's ended.
      """,
    rationale: """
      A schedule that is stepped once a batch where it was meant for once an epoch, or whose period is
      far shorter than the training, brings the rate to nothing long before the loss is down: the
      curve goes flat and looks converged. The training is played again from its own start with its
      first rate, and with rates that fall in several ways, and compared with the recorded losses, the
      final loss, how far every parameter moved and the rate that the optimizer stands at. A schedule
      that ends a training which got as far as it would have without is no fault.
      """,
    remedy: "Step the schedule once an epoch, or stretch it over the whole training.",
    source: "PyTorch documentation, How to adjust learning rate", examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let comparison = try LoopComparison(exam)
    let optimizer = exam.run.training.optimizer
    let stands = optimizer.flatMap { optimizer in
      optimizer.currentLearningRate.map { now in
        " The optimizer began at a learning rate of \(Wording.number(optimizer.learningRate)) and "
          + "stands at \(Wording.rounded(now))."
      }
    }
    if let free = comparison.trials.lifted(.unscheduled) {
      let asSet = comparison.trials.asSet
      return [
        comparison.finding(
          Self.self, asSet, cured: free,
          """
          The schedule takes the learning rate away too soon: as it is set, \
          \(comparison.reproduced(asSet)). With the first rate throughout, it ends at \
          \(comparison.loss(free)).\(stands ?? "")
          """, remedy: remedy(comparison))
      ]
    }
    if let faster = comparison.trials.lifted(.faster), case .faster(let factor) = faster.loop,
      let rate = optimizer?.learningRate
    {
      return [
        comparison.finding(
          Self.self, faster, cured: faster,
          """
          The learning rate was spent too soon: the optimizer stands at \(Wording.rounded(rate)), and \
          so slowly the weights could not have moved as far as they did. At \
          \(Wording.rounded(rate * factor)) throughout, the same training ends at \
          \(comparison.loss(faster)); yours ended at \(comparison.ended).
          """, remedy: remedy(comparison))
      ]
    }
    guard let match = comparison.match(.decayed) else { return [] }
    return [
      comparison.finding(
        Self.self, match,
        """
        The learning rate was spent too soon: \(match.loop.text), \(comparison.reproduced(match)). \
        With the first rate throughout, \(comparison.cured).\(stands ?? "")
        """,
        remedy: remedy(comparison))
    ]
  }

  private func remedy(_ comparison: LoopComparison) -> String {
    comparison.isTorch
      ? "Call scheduler.step() once an epoch, or give the scheduler the number of batches that it is "
        + "stepped for."
      : "Let the schedule last as long as the training."
  }
}

extension DecayedLearningRate {
  private static let examples: [Example] = [
    .fires("a tenth of it lost at every seventh step", at: ["training"]) {
      LoopExample.line(&$0, rate: 0.05, steps: 100) { $0 * exp(-Double($1) / 5) }
    },
    .silent("a rate that falls once the line fits") {
      LoopExample.line(&$0, rate: 0.1, steps: 100) { $0 * exp(-Double($1) / 30) }
    },
    .silent("gradients that are never cleared") { net in
      var sum = 0.0
      LoopExample.line(&net, rate: 0.02, steps: 60) { gradient, _ in
        sum += gradient
        return sum
      }
    },
    .cannotTell("no optimizer is known") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1e-3]], initial: [[0]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
