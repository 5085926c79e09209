import Operators
import Replay
import Runs
import Trials

extension LossTaskMismatch {
  /// Losses that a script wrote itself, and that lead elsewhere than to the targets.
  func misleading(
    _ term: Run.LossTerm, _ direction: LossDirection, _ exam: Examination
  ) -> Finding? {
    let place = Place(.loss, "\(exam.run.graph.layer(of: term.prediction)) / \(term.target)")
    if direction.leadsAway {
      let (toward, away) = (direction.toward[0], direction.away[0])
      return Finding(
        Self.self, direction.agreement < 0 ? .error : .warning, at: place,
        """
        Proved on \(direction.samples) samples: the loss falls as predictions move away from the \
        targets. Moved a tenth of the way from the targets' mean toward them it is \
        \(Wording.number(toward)), moved as far the other way \(Wording.number(away)), and so at every \
        distance that was tried. The predictions' correlation with the targets is \
        \(Wording.number(direction.agreement)).
        """,
        evidence: [
          Measure("loss_toward", .numbers(direction.toward)),
          Measure("loss_away", .numbers(direction.away)),
          Measure("correlation", direction.agreement),
        ],
        remedy: """
          Turn the sign of what should grow with the match, such as a similarity or a likelihood: \
          loss = 1 - similarity.
          """, tensors: [term.prediction])
    }
    // What a head keeps within bounds makes no loss fall for ever.
    let isBounded = HeadChain(term.prediction, exam.run.graph).nodes.contains { node in
      let range = node.kind.activation?.range ?? Activation.reals
      return node.kind.states(.probability) || node.kind.states(.distribution)
        || range.lowerBound > -.infinity || range.upperBound < .infinity
    }
    guard direction.isEndless, !isBounded else { return nil }
    return Finding(
      Self.self, .error, at: place,
      """
      Proved on \(direction.samples) samples: the loss has no end. It is \
      \(Wording.number(direction.enlarged[0])) for the predictions, \
      \(Wording.number(direction.enlarged[1])) for a hundred times as large ones and \
      \(Wording.number(direction.enlarged[2])) for ten thousand times as large ones, whatever the \
      targets are.
      """,
      evidence: [
        Measure("loss_enlarged", .numbers(direction.enlarged), unit: "by a factor of 1, 100, 10000")
      ],
      remedy: """
        Hand the loss the prediction first and the targets second, and look for a sign that is turned.
        """, tensors: [term.prediction])
  }
}
