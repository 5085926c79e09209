import Glibc
import Trials

/// Gradients that are cut far below their usual size.
struct ClippedGradients: Rule {
  static let info = RuleInfo(
    id: "clipped-gradients", title: "Gradients clipped too low", severity: .error,
    evidence: .proof,
    summary: """
      The training as it is set, without clipping, ends decisively better than the user's did, and the \
      same training with gradients clipped below their usual norm ends where the user's ended.
      """,
    rationale: """
      Clipping is meant for the rare gradient that is far too large. A bound below the usual norm cuts
      every step, so that plain gradient descent moves as if its learning rate were that much lower;
      optimizers that divide by the gradient's size hardly notice. The training is played again from
      its own start as it was set and with gradients cut to several norms, and compared with the
      recorded losses, the final loss and how far every parameter moved.
      """,
    remedy: "Clip at a norm that most batches stay below, or not at all.",
    source: "Pascanu, Mikolov & Bengio, On the difficulty of training recurrent neural networks "
      + "(2013), arXiv:1211.5063, section 3.2",
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let comparison = try LoopComparison(exam)
    if let free = comparison.trials.lifted(.unclipped) { return [lifted(free, comparison)] }
    guard let match = comparison.match(.clipped) else { return [] }
    return [
      comparison.finding(
        Self.self, match,
        """
        The gradients are clipped far below their usual norm of \
        \(Wording.rounded(comparison.trials.asSet.gradientNorm)): \(match.loop.text), \
        \(comparison.reproduced(match)). Without clipping, \(comparison.cured).
        """,
        remedy: """
          Clip at a norm of about \
          \(Wording.rounded(comparison.trials.asSet.gradientNorm * 3)) or more, or not at all.
          """)
    ]
  }

  /// Where the settings say that gradients are clipped.
  private func lifted(_ free: LoopTrials.Played, _ comparison: LoopComparison) -> Finding {
    let norm = Wording.rounded(free.gradientNorm)
    return comparison.finding(
      Self.self, comparison.trials.asSet, cured: free,
      """
      The gradients are clipped far below their usual norm of \(norm): as it is set, \
      \(comparison.reproduced(comparison.trials.asSet)). Without clipping, it ends at \
      \(comparison.loss(free)).
      """,
      remedy: """
        Clip at a norm of about \(Wording.rounded(free.gradientNorm * 3)) or more, or not at all.
        """)
  }
}

extension ClippedGradients {
  private static let examples: [Example] = [
    .fires("a bound of a hundredth", at: ["training"]) {
      LoopExample.line(&$0, rate: 0.05, steps: 80) { g, _ in max(-0.1, min(0.1, g)) }
    },
    .silent("a bound that no gradient reaches") {
      LoopExample.line(&$0, rate: 0.05, steps: 80) { g, _ in max(-10, min(10, g)) }
    },
    .silent("a rate that falls") {
      LoopExample.line(&$0, rate: 0.02, steps: 60) { $0 * pow(0.8, Double($1)) }
    },
    .cannotTell("no optimizer is known") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1e-3]], initial: [[0]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
